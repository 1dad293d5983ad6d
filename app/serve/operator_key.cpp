// The operator's key of a development server, and the first one of a new database.
#include "app/serve/operator_key.h"

#include <cstdio>
#include <fstream>

#include "api/key_table.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "app/redact.h"
#include "base/hash.h"
#include "base/random.h"

namespace stardrop::app {

OperatorKey make_operator_key(engine::Engine& engine, const std::string& label) {
  Digest random{};
  entropy(random);
  OperatorKey out;
  out.secret = api::secret_text(ledger::KeyKind::operator_key, random);
  remember_secret(out.secret);
  market::CreateKey command;
  command.kind = ledger::KeyKind::operator_key;
  command.label = label;
  command.secret_sha256.data = bytes_of(sha256(out.secret));
  engine::Request request;
  request.caller.kind = market::CallerKind::operator_;
  request.command = std::move(command);
  const engine::Outcome outcome = engine.call(std::move(request));
  if (!outcome.ok())
    out.problem = "the operator's key can't be made: " + error_text(outcome.error());
  return out;
}

OperatorKey operator_key_of(const std::string& database_path,
                            engine::Engine& engine,
                            const std::function<bool(std::string_view)>& works) {
  const std::string path = database_path + ".operator-key";
  if (!is_private(path))
    return {{}, path, path + " may be read by others; take that away with: chmod 600 " + path};
  std::string kept;
  std::ifstream(path) >> kept;
  if (!kept.empty() && works(kept)) {
    remember_secret(kept);
    return {kept, path, {}};
  }
  OperatorKey made = make_operator_key(engine, "development");
  made.file = path;
  if (!made.problem.empty()) return made;
  std::remove(path.c_str());
  made.problem = write_private_file(path, made.secret + "\n");
  return made;
}

}  // namespace stardrop::app
