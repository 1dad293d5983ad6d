// `serve`: runs the server until it is told to stop.
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/commands/all.h"
#include "app/commands/config_options.h"
#include "app/descriptor_limit.h"
#include "app/local/master_key.h"
#include "app/serve/wiring.h"
#include "base/log.h"

namespace stardrop::app {

namespace {

struct Serve {
  ConfigOptions config;
  ServeOptions options;
};

/// Blocks the signals that are waited for, in this thread and all it starts.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

/// A memory image holds keys and personal texts: none is left unless asked for.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

ExitCode serve(CommandTree& tree, const Serve& command) {
  Console& console = tree.console();
  const ConfigSources sources = sources_of(command.config, console.environment);
  Config config = read_config(sources);
  if (report_problems(console, config)) return ExitCode::usage;
  const Settings& settings = config.settings;
  const auto listen = parse_host_port(settings.server.listen);
  if (command.options.demo && listen && !is_loopback(listen->host)) {
    console.error("the demo's tokens are printed: it serves the loopback only, not " +
                  listen->host);
    return ExitCode::usage;
  }
  set_logging(settings.log.level, settings.log.format);
  if (!settings.server.core_dumps) forbid_core_dumps();
  raise_descriptor_limit();
  const sigset_t signals = block_signals();

  Wiring wiring(settings, command.options, console);
  if (const ExitCode code = wiring.start(); code != ExitCode::ok) return code;
  for (;;) {
    const int number = ::sigwaitinfo(&signals, nullptr);
    if (number == SIGHUP) {
      wiring.reload(read_config(sources));
    } else if (number == SIGINT || number == SIGTERM) {
      break;
    }
  }
  wiring.stop();
  return ExitCode::ok;
}

}  // namespace

void add_serve_command(CommandTree& tree) {
  auto command = std::make_shared<Serve>();
  CLI::App& app = tree.add_command(tree.root(), "serve",
                                   {"run the server",
                                    "Opens the database (made if it is not there), serves HTTP, "
                                    "and runs until SIGTERM or SIGINT: then it takes\n"
                                    "nothing new, answers what is in flight, and writes everything "
                                    "back. SIGHUP makes it read its settings again.\n"
                                    "Log lines go to standard error; addresses and, in "
                                    "development, keys go to standard output.\n\n"
                                    "Settings: docs/operations.md. A failed disk sync or a commit "
                                    "of unknown outcome ends the process at once.",
                                    {"serve --dev --demo  # a shop to try on http://127.0.0.1:8080",
                                     "serve --config /etc/stardrop.toml",
                                     "serve --db sqlite:shop.db --listen 0.0.0.0:443 "
                                     "--tls-certificate-file c.pem --tls-key-file k.pem"}},
                                   [&tree, command] { return serve(tree, *command); });
  app.add_flag("--demo", command->options.demo,
               "Bring in a small catalogue and three people with Stars, and print their tokens. "
               "Loopback only.");
  add_config_options(app, command->config);
}

}  // namespace stardrop::app
