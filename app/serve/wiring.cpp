// The only place that knows every module: builds a running server of settings, and takes it down.
#include "app/serve/wiring.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <thread>

#include "api/route.h"
#include "app/cli/command_tree.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "app/redact.h"
#include "app/serve/demo.h"
#include "app/serve/operator_key.h"
#include "base/check.h"
#include "base/log.h"

namespace stardrop::app {

namespace {

constexpr std::chrono::seconds kDrainTime{10};
/// The ledger's time never goes back: behind a clock that was, it stands still. More is worth a
/// word.
constexpr Duration kClockTolerance = Duration::seconds(5);

/// A commit whose outcome nobody knows: whatever this process would say next could be wrong.
[[noreturn]] void end_at_once(const Error& error) {
  log(LogLevel::critical, "server.fatal", {{"code", info(error.code()).code}});
  std::_Exit(static_cast<int>(ExitCode::failed));
}

/// Beyond eight it is the engine's own thread that holds back.
std::size_t io_threads(const Settings& settings) {
  if (settings.server.io_threads > 0) {
    return static_cast<std::size_t>(settings.server.io_threads);
  }
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
}

/// The configuration was checked: each of them is sound.
api::http::TrustedProxies proxies_of(const ServerSettings& settings) {
  api::http::TrustedProxies out;
  for (const std::string& each : settings.trusted_proxies) {
    const auto wrong = out.add(each);
    STARDROP_ASSERT(!wrong, "networks are checked with the settings");
  }
  return out;
}

api::http::ServerOptions server_options(const Settings& settings,
                                        const HostPort& listen,
                                        const Clock& clock) {
  api::http::ServerOptions out;
  out.address = listen.host;
  out.port = listen.port;
  out.io_threads = io_threads(settings);
  out.limits.body_bytes_max = static_cast<std::uint64_t>(settings.limits.body_bytes);
  out.limits.large_body_bytes_max = static_cast<std::uint64_t>(settings.limits.batch_body_bytes);
  out.limits.takes_large_body = [](std::string_view path) {
    return path == "/v1/batch" || path == "/v1/catalog";
  };
  out.connections_max = static_cast<std::size_t>(settings.limits.connections);
  out.connections_per_address_max =
      static_cast<std::size_t>(settings.limits.connections_per_address);
  out.allowed_origins = settings.server.allowed_origins;
  out.trusted_proxies = proxies_of(settings.server);
  out.clock = &clock;
  if (!settings.tls.certificate_file.empty()) {
    out.tls = api::http::TlsOptions{settings.tls.certificate_file, settings.tls.key_file};
  }
  return out;
}

bool has_route(std::string_view pattern) {
  const auto routes = api::all_routes();
  return std::any_of(routes.begin(), routes.end(),
                     [&](const api::Route& route) { return route.pattern == pattern; });
}

}  // namespace

api::RateLimits rates_of(const LimitSettings& limits) {
  api::RateLimits out;
  out.app = {limits.app_per_second, limits.app_burst};
  out.user = {limits.user_per_second, limits.user_burst};
  out.anonymous = {limits.anonymous_per_second, limits.anonymous_burst};
  out.failed_logins = {limits.failed_logins_per_second, limits.failed_logins_burst};
  out.reservations_per_app = limits.reservations_per_app;
  out.reversals_per_minute = limits.reversals_per_minute;
  return out;
}

Wiring::Wiring(Settings settings, ServeOptions options, Console& console)
    : settings_(std::move(settings)),
      options_(options),
      console_(console),
      clock_(settings_.server.dev ? static_cast<const Clock&>(dev_clock_) : database_clock_) {}

Wiring::~Wiring() { stop(); }

ExitCode Wiring::start() {
  if (const ExitCode code = open_engine(); code != ExitCode::ok) return code;
  if (const ExitCode code = apply_rules(settings_.rules); code != ExitCode::ok) return code;
  if (settings_.server.dev) {
    if (const ExitCode code = make_operator_key(); code != ExitCode::ok) return code;
  }
  if (options_.demo) {
    if (Status made = make_demo(*engine_, master_key_, console_.out); !made.ok()) {
      console_.error("the demo can't be set up: " + error_text(made.error()));
      return exit_code_of(made.error());
    }
  }
  return listen();
}

ExitCode Wiring::open_engine() {
  const bool remote = is_postgres(settings_.server.db);
  const std::string path =
      remote ? without_password(settings_.server.db) : sqlite_path(settings_.server.db);
  const bool fresh = remote || !std::filesystem::exists(path);
  const MasterKey master = load_master_key(
      master_key_path(settings_.server.db, settings_.server.master_key_file), fresh);
  if (!master.problem.empty()) {
    console_.error(master.problem);
    return ExitCode::failed;
  }
  master_key_ = master.key;
  store_ = make_store(settings_, master_key_, database_clock_);
  engine_ =
      std::make_unique<engine::Engine>(*store_, clock_, engine_options(settings_, master_key_));
  engine_->on_fatal(end_at_once);
  api::ApiOptions options;
  options.master_key = master_key_;
  options.rates = rates_of(settings_.limits);
  options.trusted_proxies = proxies_of(settings_.server);
  options.proxy_header = settings_.server.proxy_header;
  if (settings_.server.dev) options.dev_clock = &dev_clock_;
  options.version = version_text();
  api_ = std::make_unique<api::Api>(*engine_, clock_, std::move(options), io_threads(settings_));
  feed_ = std::make_unique<api::Feed>(*engine_, api_->keys(), clock_);
  engine_->on_commit([this](const engine::BatchReport& report) {
    api_->on_commit(report);
    if (feed_runs_) feed_->on_commit(report);
  });
  if (Status opened = engine_->open(); !opened.ok()) {
    console_.error(path + ": " + error_text(opened.error()));
    if (const std::string advice = advice_for(opened.error()); !advice.empty())
      console_.note(advice);
    return exit_code_of(opened.error());
  }
  // Before anything is written: what contradicts the checkpoints must stay as it was found.
  if (const ExitCode code = open_checkpoints(); code != ExitCode::ok) return code;
  engine_->run([this](engine::Executor& executor) {
    api_->reset(executor);
    compare_clocks(executor);
  });
  engine_->start();
  return ExitCode::ok;
}

ExitCode Wiring::open_checkpoints() {
  const CheckpointSettings& settings = settings_.checkpoints;
  if (settings.file.empty()) return ExitCode::ok;
  const std::string key = settings.signing_key_file.empty()
                              ? files_of(settings_.server.db) + ".signing-key"
                              : settings.signing_key_file;
  checkpointer_ = std::make_unique<Checkpointer>(*engine_, *store_, settings, key);
  const auto problem = checkpointer_->open();
  if (!problem) return ExitCode::ok;
  console_.error(*problem);
  console_.note(
      "If an older copy was put back on purpose, keep the file of checkpoints and give another.");
  checkpointer_.reset();
  return ExitCode::failed;
}

void Wiring::compare_clocks(const engine::Executor& executor) {
  const Duration ahead = executor.now().since(clock_.now());
  if (settings_.server.dev) {
    dev_clock_.not_before(executor.now());
  } else if (ahead > kClockTolerance) {
    log(LogLevel::warning, "clock.behind_ledger", {{"seconds", ahead.us / 1'000'000}});
  }
}

ExitCode Wiring::apply_rules(const market::RuleSettings& rules) {
  if (engine_->board().settings() == rules) return ExitCode::ok;
  market::Configure wanted;
  static_cast<market::RuleSettings&>(wanted) = rules;
  engine::Request request;
  request.command = wanted;
  const engine::Outcome outcome = engine_->call(std::move(request));
  if (outcome.ok()) return ExitCode::ok;
  console_.error("the rules can't be put in force: " + error_text(outcome.error()));
  return exit_code_of(outcome.error());
}

ExitCode Wiring::make_operator_key() {
  const OperatorKey key =
      operator_key_of(files_of(settings_.server.db), *engine_, [this](std::string_view secret) {
        return api_->keys().find(secret, clock_.now()).has_value();
      });
  if (!key.problem.empty()) {
    console_.error(key.problem);
    return ExitCode::failed;
  }
  console_.out << "operator_key=" << key.secret << std::endl;
  return ExitCode::ok;
}

ExitCode Wiring::listen() {
  const auto address = parse_host_port(settings_.server.listen);
  if (!address) {
    console_.error("listen must be HOST:PORT");
    return ExitCode::usage;
  }
  server_ = std::make_unique<api::http::Server>(server_options(settings_, *address, clock_), *api_);
  if (const auto problem = server_->start()) {
    console_.error(settings_.server.listen + ": " + *problem);
    return ExitCode::unavailable;
  }
  // On the engine's thread, so that no commit is announced meanwhile.
  engine_->run([this](engine::Executor&) {
    feed_->attach(*server_);
    feed_runs_ = true;
  });
  api_->set_feed(feed_.get());
  api_->set_transport_stats([this] { return server_->stats(); });
  if (checkpointer_) checkpointer_->start();
  print_addresses();
  log(LogLevel::info, "server.started",
      {{"version", version_text()},
       {"listen", settings_.server.listen},
       {"port", std::int64_t{server_->port()}}});
  return ExitCode::ok;
}

void Wiring::print_addresses() const {
  const auto address = parse_host_port(settings_.server.listen);
  const std::string host =
      address->host.find(':') == std::string::npos ? address->host : "[" + address->host + "]";
  std::string url = (settings_.tls.certificate_file.empty() ? "http://" : "https://") + host + ":" +
                    std::to_string(server_->port());
  if (!settings_.server.public_url.empty()) url = settings_.server.public_url;
  console_.out << "url=" << url << '\n';
  for (const std::string_view path : {"/docs", "/openapi.json", "/metrics"}) {
    if (has_route(path)) console_.out << "     " << url << path << '\n';
  }
  console_.out << std::flush;
}

void Wiring::reload(const Config& config) {
  if (!config.problems.empty()) {
    for (const ConfigProblem& problem : config.problems) {
      log(LogLevel::error, "config.not_reloaded", {{"problem", problem.text}});
    }
    return;
  }
  for (const SettingInfo& info : all_settings()) {
    if (setting_text(settings_, info.path) == setting_text(config.settings, info.path)) continue;
    log(info.reloads ? LogLevel::info : LogLevel::warning,
        info.reloads ? "config.changed" : "config.needs_restart", {{"setting", info.path}});
  }
  settings_.rules = config.settings.rules;
  settings_.limits = config.settings.limits;
  settings_.log.level = config.settings.log.level;
  api_->set_rates(rates_of(settings_.limits));
  set_logging(settings_.log.level, settings_.log.format);
  if (apply_rules(settings_.rules) != ExitCode::ok) log(LogLevel::error, "config.rules_refused");
  log(LogLevel::info, "config.reloaded");
}

void Wiring::stop() {
  if (!engine_) return;
  if (server_) {
    log(LogLevel::info, "server.draining");
    api_->begin_drain();
    if (!server_->stop(kDrainTime)) log(LogLevel::warning, "server.cut_connections");
  }
  checkpointer_.reset();
  engine_->stop();
  feed_runs_ = false;
  api_->set_feed(nullptr);
  feed_->detach();
  api_->set_transport_stats({});
  server_.reset();
  feed_.reset();
  api_.reset();
  engine_.reset();
  store_.reset();
  log(LogLevel::info, "server.stopped");
}

}  // namespace stardrop::app
