// Engine commands as a person types them: options made of a command's own field descriptions.
#include "app/remote/engine_command.h"

#include <istream>

#include "base/json_writer.h"

namespace stardrop::app {

namespace {

std::string flag_of(const std::string& name) {
  std::string out = "--" + name;
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::string in_upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void add_param(CLI::App& command, GivenParams& given, const ParamInfo& param, bool positional) {
  const std::string name = positional ? in_upper_case(param.name) : flag_of(param.name);
  CLI::Option* option = nullptr;
  switch (param.kind) {
    case ParamKind::truth:
      option = command.add_flag(name, given.truths[param.name], param.doc);
      break;
    case ParamKind::number:
      option = command.add_option(name, given.numbers[param.name], param.doc)->type_name("N");
      break;
    case ParamKind::texts:
      option = command.add_option(name, given.lists[param.name], param.doc)
                   ->delimiter(',')
                   ->allow_extra_args(false)
                   ->type_name("TEXT,…");
      break;
    case ParamKind::text:
      option = command.add_option(name, given.texts[param.name], param.doc)->type_name("TEXT");
      break;
  }
  option->required(param.required);
}

/// Leaves only what the command line named.
void drop_absent(GivenParams& given, const CLI::App& command, const EngineCommand& what) {
  for (const ParamInfo& param : what.params) {
    const bool positional = std::find(what.positional.begin(), what.positional.end(), param.name) !=
                            what.positional.end();
    const std::string name = positional ? in_upper_case(param.name) : flag_of(param.name);
    if (command.count(name) > 0) continue;
    given.texts.erase(param.name);
    given.numbers.erase(param.name);
    given.truths.erase(param.name);
    given.lists.erase(param.name);
  }
}

ExitCode run(CommandTree& tree, GivenParams given, const EngineCommand& what) {
  Console& console = tree.console();
  if (!what.confirm.empty() && !given.yes) {
    console.error(what.confirm + " Say --yes if you mean it.");
    return ExitCode::usage;
  }
  for (const auto& [param, text] : what.fixed) given.texts[param] = text;
  Remote remote(given.remote, console);
  const std::string key = given.idempotency_key.empty() ? fresh_key() : given.idempotency_key;
  const Remote::Reply reply = remote.command(what.name, given.json(), key);
  if (reply.ok()) {
    print_object(console, reply.body, given.remote.json);
  } else if (reply.code == ExitCode::unavailable) {
    console.note("If it is not known whether it was done, send it again with: --idempotency-key " +
                 key);
  }
  return reply.code;
}

}  // namespace

std::string GivenParams::json() const {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  for (const auto& [name, value] : texts) writer.key(name).text(value);
  for (const auto& [name, value] : numbers) writer.key(name).integer(value);
  for (const auto& [name, value] : truths) writer.key(name).boolean(value);
  for (const auto& [name, value] : lists) writer.key(name).value(value);
  writer.end_object();
  return out;
}

void add_engine_command(CommandTree& tree,
                        CLI::App& parent,
                        std::string name,
                        Manual manual,
                        EngineCommand what) {
  auto given = std::make_shared<GivenParams>();
  auto described = std::make_shared<EngineCommand>(std::move(what));
  auto made = std::make_shared<CLI::App*>(nullptr);
  CLI::App& command =
      tree.add_command(parent, std::move(name), std::move(manual), [&tree, given, described, made] {
        drop_absent(*given, **made, *described);
        return run(tree, *given, *described);
      });
  *made = &command;
  for (const std::string& positional : described->positional) {
    for (const ParamInfo& param : described->params) {
      if (param.name == positional) add_param(command, *given, param, true);
    }
  }
  for (const ParamInfo& param : described->params) {
    const auto& positional = described->positional;
    if (std::find(positional.begin(), positional.end(), param.name) == positional.end()) {
      add_param(command, *given, param, false);
    }
  }
  if (!described->confirm.empty()) command.add_flag("--yes", given->yes, "Really do it.");
  command
      .add_option(
          "--idempotency-key", given->idempotency_key,
          "Sent again with the same key, the request is carried out once. Default: a new one.")
      ->type_name("KEY");
  add_remote_options(command, given->remote);
}

}  // namespace stardrop::app
