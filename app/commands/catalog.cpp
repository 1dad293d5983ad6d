// `catalog`: bring editions in from a file, and write them out.
#include "app/catalog/catalog.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "app/commands/all.h"
#include "app/local/local_engine.h"
#include "app/remote/remote.h"
#include "base/json_reader.h"
#include "base/json_writer.h"

namespace stardrop::app {

namespace {

struct CatalogOptions {
  RemoteOptions remote;
  std::string file;
  std::string db;
  bool dry_run = false;
};

bool read_file(const std::string& path, std::string& out) {
  if (path == "-") {
    out.assign(std::istreambuf_iterator<char>(std::cin), {});
    return true;
  }
  std::ifstream file(path, std::ios::binary);
  out.assign(std::istreambuf_iterator<char>(file), {});
  return file.good() || file.eof();
}

/// The command that brings `catalog` in.
market::ImportCatalog import_of(const Catalog& catalog) {
  market::ImportCatalog out;
  for (const CatalogEntry& entry : catalog.entries) out.editions.push_back(entry.terms);
  return out;
}

/// A refusal's `editions.3.supply` as a line of the file.
std::string with_line(const Catalog& catalog, const std::string& file, const Error& error) {
  constexpr std::string_view kPrefix = "editions.";
  const std::string_view param = error.param_name();
  std::string where = file;
  if (param.starts_with(kPrefix)) {
    std::size_t index = 0;
    for (std::size_t i = kPrefix.size(); i < param.size() && param[i] >= '0' && param[i] <= '9';
         ++i) {
      index = index * 10 + static_cast<std::size_t>(param[i] - '0');
    }
    if (index < catalog.entries.size()) where += ":" + std::to_string(catalog.entries[index].line);
  }
  return where + ": " + std::string(param) + ": " + error_text(error);
}

ExitCode import_offline(Console& console, const CatalogOptions& options, const Catalog& catalog) {
  LocalEngine local(console);
  if (const ExitCode code = local.open(options.db, false); code != ExitCode::ok) return code;
  const engine::Outcome outcome = local.call(import_of(catalog));
  if (!outcome.ok()) {
    console.error(with_line(catalog, options.file, outcome.error()));
    return exit_code_of(outcome.error());
  }
  print_object(console, to_json(std::get<market::ImportCatalog::Reply>(outcome->reply)),
               options.remote.json);
  return local.close();
}

ExitCode import_catalog(Console& console, const CatalogOptions& options) {
  std::string bytes;
  if (!read_file(options.file, bytes)) {
    console.error(options.file + " can't be read");
    return ExitCode::not_found;
  }
  const Catalog catalog = read_catalog(bytes);
  for (const CatalogMistake& mistake : catalog.mistakes) {
    console.error(options.file + ":" + std::to_string(mistake.line) + ":" +
                  std::to_string(mistake.column) + ": " + printable(mistake.text));
  }
  if (!catalog.mistakes.empty()) return ExitCode::failed;
  if (options.dry_run) {
    console.note(options.file + ": " + std::to_string(catalog.entries.size()) +
                 " editions, no mistake");
    return ExitCode::ok;
  }
  if (!options.db.empty()) return import_offline(console, options, catalog);
  ProgressBar bar(console, "import");
  bar.show(0, catalog.entries.size());
  Remote remote(options.remote, console);
  const Remote::Reply reply =
      remote.command(market::ImportCatalog::kName, to_json(import_of(catalog)), fresh_key());
  bar.clear();
  if (reply.ok()) print_object(console, reply.body, options.remote.json);
  return reply.code;
}

/// The terms inside the JSON of an edition.
Result<market::EditionTerms> terms_of_json(const nlohmann::ordered_json& edition) {
  nlohmann::ordered_json terms = nlohmann::ordered_json::object();
  for_each_field<market::EditionTerms>([&](const auto& f) {
    const std::string name(f.name);
    if (edition.contains(name) && !edition[name].is_null()) terms[name] = edition[name];
  });
  JsonDocument document;
  STARDROP_TRY(document.parse(terms.dump()));
  market::EditionTerms out;
  STARDROP_TRY(decode_object(document.root(), out));
  return out;
}

ExitCode export_catalog(Console& console, const CatalogOptions& options) {
  std::vector<market::EditionTerms> editions;
  if (!options.db.empty()) {
    LocalEngine local(console);
    if (const ExitCode code = local.open(options.db, false); code != ExitCode::ok) return code;
    for (const auto& row : local.editions()) editions.push_back(terms_of(row));
  } else {
    Remote remote(options.remote, console);
    const Remote::Reply reply = remote.list("/v1/editions", 1'000'000);
    if (!reply.ok()) return reply.code;
    for (const auto& each : nlohmann::ordered_json::parse(reply.body, nullptr, false)) {
      auto terms = terms_of_json(each);
      if (!terms.ok()) {
        console.error("the server's answer is not understood: " + error_text(terms.error()));
        return ExitCode::failed;
      }
      editions.push_back(*std::move(terms));
    }
  }
  const std::string text = write_catalog(editions);
  if (options.file.empty() || options.file == "-") {
    console.out << text;
    return ExitCode::ok;
  }
  std::ofstream file(options.file, std::ios::binary | std::ios::trunc);
  file << text;
  file.flush();
  if (file) return ExitCode::ok;
  console.error(options.file + " can't be written");
  return ExitCode::failed;
}

}  // namespace

void add_catalog_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(tree.root(), "catalog",
                                   {"bring editions in from a file, and write them out",
                                    "The format is described in docs/catalog.md.",
                                    {"catalog export > gifts.json", "catalog import gifts.json"}});
  auto in = std::make_shared<CatalogOptions>();
  CLI::App& import_command = tree.add_command(
      group, "import",
      {"publish and change editions, all or nothing",
       "Reads {\"editions\": […]} or one edition per line. Every mistake is reported with its line "
       "and column, and then\n"
       "nothing is changed. An edition with a known slug is changed to exactly these terms; the "
       "same file twice changes\n"
       "nothing. Talks to a server, or with --db to a database that no server has open.",
       {"catalog import gifts.json", "catalog import gifts.ndjson --db sqlite:var/stardrop.db",
        "catalog import gifts.json --dry-run"}},
      [&tree, in] { return import_catalog(tree.console(), *in); });
  import_command.add_option("FILE", in->file, "The catalogue; - is standard input.")->required();
  import_command
      .add_option("--db", in->db, "Work on this database instead: sqlite:PATH or postgres://….")
      ->type_name("DB");
  import_command.add_flag("--dry-run", in->dry_run, "Only tell whether the file is sound.");
  add_remote_options(import_command, in->remote);

  auto out = std::make_shared<CatalogOptions>();
  CLI::App& export_command =
      tree.add_command(group, "export",
                       {"write all editions as a catalogue",
                        "What `catalog import` reads; sales and stock are not part of it.",
                        {"catalog export gifts.json"}},
                       [&tree, out] { return export_catalog(tree.console(), *out); });
  export_command.add_option("FILE", out->file, "Where to; else standard output.");
  export_command
      .add_option("--db", out->db, "Read this database instead: sqlite:PATH or postgres://….")
      ->type_name("DB");
  add_remote_options(export_command, out->remote);
}

}  // namespace stardrop::app
