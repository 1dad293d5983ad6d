// A running server as commands see it: address, key, requests, refusals.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "app/cli/command_tree.h"
#include "app/cli/console.h"
#include "app/exit_code.h"
#include "app/remote/event_parser.h"
#include "app/remote/http_client.h"

namespace stardrop::app {

/// Options of every command that talks to a server.
struct RemoteOptions {
  std::string url;
  std::string key_file;
  std::int64_t timeout_s = 30;
  bool json = false;
};

/// Adds `--url`, `--key-file`, `--timeout` and `--json`.
void add_remote_options(CLI::App& command, RemoteOptions& options);

/// A key: from `--key-file`, else STARDROP_KEY. A file that others may read is refused.
struct FoundKey {
  std::string key;
  std::string problem;  ///< empty: fine
};
FoundKey find_key(const std::string& key_file, const Environment& environment);

/// Talks to a server for one command.
class Remote {
 public:
  Remote(const RemoteOptions& options, Console& console) : options_(options), console_(console) {}

  /// An answer: `code` is ok and `body` the answer, or `code` is what to exit with; why has then
  /// been printed.
  struct Reply {
    ExitCode code = ExitCode::ok;
    std::string body;
    bool ok() const noexcept { return code == ExitCode::ok; }
  };

  Reply get(const std::string& path);
  /// Follows the server-sent events at `path`, over broken connections too, until `on_event`
  /// returns false. Gives up when no server answers for as long as `--timeout` says.
  Reply follow(const std::string& path, const std::function<bool(const ServerEvent&)>& on_event);
  /// One engine command, through POST /v1/batch.
  Reply command(std::string_view name,
                const std::string& params,
                const std::string& idempotency_key);
  /// Every page of a list, as one JSON array of at most `most` entries.
  Reply list(const std::string& path, std::int64_t most);

 private:
  /// A request for `target` with the key. Nothing, and the reason is printed, if there is none to
  /// make.
  struct Prepared {
    Url url;
    HttpRequest request;
  };
  std::optional<Prepared> prepare(const std::string& method, const std::string& target);
  Reply send(const std::string& method, const std::string& target, std::string body);
  Reply refused(int status, const std::string& body);

  const RemoteOptions& options_;
  Console& console_;
};

/// Prints an object as lines of `name  value`, or as it is with `--json`.
void print_object(Console& console, const std::string& body, bool json);

/// A column of a list: its title and the member, `paid.amount` for one inside another.
struct Column {
  std::string title;
  std::string member;
};
/// Prints an array as a table, or one object per line with `--json`.
void print_list(Console& console,
                const std::string& array,
                const std::vector<Column>& columns,
                bool json);

/// An idempotency key nobody used.
std::string fresh_key();

}  // namespace stardrop::app
