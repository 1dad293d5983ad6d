// `audit`, `verify`, `replay`: prove a database that no server has open.
#include <filesystem>
#include <memory>
#include <ostream>

#include "app/commands/all.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "app/remote/remote.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/signing.h"
#include "engine/audit.h"
#include "engine/checkpoint.h"
#include "engine/replay.h"
#include "storage/postgres/postgres_snapshot.h"

namespace stardrop::app {

namespace {

struct ProofOptions {
  std::string db = "sqlite:var/stardrop.db";
  bool json = false;
  std::string checkpoints;
  std::string signing_key;
  std::string public_key;
};

/// Opens the database, makes one snapshot, and has `prove` look at it.
ExitCode with_snapshot(Console& console,
                       const ProofOptions& options,
                       const std::function<ExitCode(engine::Snapshot&)>& prove) {
  if (is_postgres(options.db)) {
    // Beside whatever nodes are at work: it needs nothing of them.
    auto snapshot = storage::postgres::PostgresSnapshot::take(options.db);
    if (!snapshot.ok()) return fail(console, snapshot.error());
    return prove(**snapshot);
  }
  LocalEngine local(console);
  if (const ExitCode code = local.open(options.db, false); code != ExitCode::ok) return code;
  Result<std::unique_ptr<engine::Snapshot>> snapshot = ErrorCode::internal;
  local.engine().run([&](engine::Executor& executor) {
    const Status flushed = executor.flush();
    snapshot = flushed.ok() ? local.store().snapshot()
                            : Result<std::unique_ptr<engine::Snapshot>>(flushed.error());
  });
  if (!snapshot.ok()) return fail(console, snapshot.error());
  const ExitCode code = prove(**snapshot);
  const ExitCode closed = local.close();
  return code == ExitCode::ok ? closed : code;
}

/// Appends a signed checkpoint of what an audit found. A signing key that is not there is made.
ExitCode write_checkpoint(Console& console,
                          const ProofOptions& options,
                          const engine::AuditReport& report) {
  if (!std::filesystem::exists(options.signing_key)) {
    const SigningKey made = SigningKey::make();
    if (Status saved = made.save(options.signing_key); !saved.ok())
      return fail(console, saved.error());
    console.note("made the signing key " + options.signing_key + "; its public key is " +
                 made.public_key().text());
  }
  const auto key = SigningKey::load(options.signing_key);
  if (!key.ok()) return fail(console, key.error());
  const Status written =
      engine::append_checkpoint(options.checkpoints, engine::Checkpoint::of(report), *key);
  return written.ok() ? ExitCode::ok : fail(console, written.error());
}

ExitCode audit(Console& console, const ProofOptions& options) {
  if (options.checkpoints.empty() != options.signing_key.empty()) {
    console.error("--checkpoint and --signing-key go together");
    return ExitCode::usage;
  }
  return with_snapshot(console, options, [&](engine::Snapshot& snapshot) {
    const SystemClock clock;
    engine::AuditOptions wanted;
    wanted.salt = entropy64();
    wanted.clock = &clock;
    const auto report = engine::audit(snapshot, wanted);
    if (!report.ok()) return fail(console, report.error());
    print_object(console, to_json(*report), options.json);
    if (!report->ok) return ExitCode::failed;
    return options.checkpoints.empty() ? ExitCode::ok : write_checkpoint(console, options, *report);
  });
}

ExitCode verify(Console& console, const ProofOptions& options) {
  std::vector<engine::Checkpoint> checkpoints;
  if (!options.checkpoints.empty()) {
    const auto key = PublicKey::parse(options.public_key);
    if (!key) {
      console.error("--checkpoints needs --public-key, one word as `audit` prints it");
      return ExitCode::usage;
    }
    auto read = engine::read_checkpoints(options.checkpoints, *key);
    if (!read.ok()) return fail(console, read.error());
    checkpoints = *std::move(read);
  }
  return with_snapshot(console, options, [&](engine::Snapshot& snapshot) {
    const auto report = engine::verify_journal(snapshot, checkpoints);
    if (!report.ok()) return fail(console, report.error());
    print_object(console, to_json(*report), options.json);
    return report->ok ? ExitCode::ok : ExitCode::failed;
  });
}

ExitCode replay(Console& console, const ProofOptions& options) {
  return with_snapshot(console, options, [&](engine::Snapshot& snapshot) {
    const SystemClock clock;
    const auto report = engine::replay(snapshot, clock);
    if (!report.ok()) return fail(console, report.error());
    print_object(console, to_json(*report), options.json);
    return report->ok ? ExitCode::ok : ExitCode::failed;
  });
}

CLI::App& add_proof(CommandTree& tree,
                    const std::string& name,
                    Manual manual,
                    const std::shared_ptr<ProofOptions>& options,
                    ExitCode (*body)(Console&, const ProofOptions&)) {
  CLI::App& command =
      tree.add_command(tree.root(), name, std::move(manual),
                       [&tree, options, body] { return body(tree.console(), *options); });
  command.add_option("--db", options->db, "The database: sqlite:PATH or postgres://….")
      ->type_name("DB")
      ->default_val(options->db);
  add_json_flag(command, options->json);
  return command;
}

}  // namespace

void add_proof_commands(CommandTree& tree) {
  auto audited = std::make_shared<ProofOptions>();
  CLI::App& audit_command = add_proof(
      tree, "audit",
      {"recount every Star, gift and serial number",
       "Recomputes every invariant from all rows and walks the journal's chain. Exits with 1 and "
       "names what does not\n"
       "hold. With --checkpoint it appends a signed word about where the journal stands: kept on "
       "another machine, it\n"
       "shows an old copy put back or a tail cut off. A running server has GET /v1/audit.",
       {"audit --db sqlite:var/stardrop.db",
        "audit --json --checkpoint /mnt/other/checkpoints --signing-key signing.key"}},
      audited, audit);
  audit_command
      .add_option("--checkpoint", audited->checkpoints, "Append a signed checkpoint to this file.")
      ->type_name("FILE");
  audit_command
      .add_option("--signing-key", audited->signing_key,
                  "The key that signs; made if it is not there.")
      ->type_name("FILE");

  auto verified = std::make_shared<ProofOptions>();
  CLI::App& verify_command =
      add_proof(tree, "verify",
                {"check the journal's chain, and hold it against checkpoints",
                 "Reads the whole journal. Exits with 1 and names the first operation that is "
                 "wrong: damaged, reordered, cut off\n"
                 "before a checkpoint, or continued another way than the checkpoint says.",
                 {"verify --db sqlite:var/stardrop.db",
                  "verify --checkpoints /mnt/other/checkpoints --public-key WORD"}},
                verified, verify);
  verify_command
      .add_option("--checkpoints", verified->checkpoints, "Signed checkpoints, one a line.")
      ->type_name("FILE");
  verify_command.add_option("--public-key", verified->public_key, "Who signed them.")
      ->type_name("WORD");

  add_proof(tree, "replay",
            {"make all rows again from the journal, and compare",
             "Carries out every operation again in memory, under its own time and seed. Exits with "
             "1 if a reply or a row\n"
             "comes out differently. Needs memory for all rows.",
             {"replay --db sqlite:var/stardrop.db --json"}},
            std::make_shared<ProofOptions>(), replay);
}

}  // namespace stardrop::app
