// Configuration: defaults, then a TOML file, then STARDROP_* variables, then flags.
#include "app/config.h"

#include <algorithm>
#include <charconv>

#include <toml++/toml.h>

#include "app/cli/command_tree.h"
#include "app/local/master_key.h"

namespace stardrop::app {

namespace {

/// Variables of this prefix that are not settings of the server.
constexpr std::array<std::string_view, 6> kOtherVariables = {
    "STARDROP_URL",    "STARDROP_KEY",  "STARDROP_KEY_FILE",
    "STARDROP_CONFIG", "STARDROP_JOBS", "STARDROP_UPDATE_GOLDEN"};

/// What container orchestrators set for a service called stardrop (STARDROP_PORT=tcp://…).
bool is_service_link(std::string_view name) {
  return name.starts_with("STARDROP_PORT") || name.starts_with("STARDROP_SERVICE_");
}

const SettingInfo* find_setting(std::string_view path) {
  const auto& all = all_settings();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const SettingInfo& each) { return each.path == path; });
  return found == all.end() ? nullptr : &*found;
}

std::string unknown(std::string_view path) {
  std::vector<std::string> known;
  for (const SettingInfo& each : all_settings()) known.push_back(each.path);
  const std::string near = nearest_word(path, known);
  return "there is no setting " + std::string(path) +
         (near.empty() ? "" : "; did you mean " + near + "?");
}

/// The value a text stands for, given the setting's type.
ConfigValue value_of_text(const SettingInfo& info, const std::string& text) {
  if (info.boolean) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return text;
  }
  if (info.type == "list") {
    std::vector<std::string> list;
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      list.emplace_back(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    return list;
  }
  if (info.type == "whole number") {
    std::int64_t number = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (wrong == std::errc() && end == text.data() + text.size()) return number;
  }
  return text;
}

/// The value of a TOML node; nothing for kinds that no setting has.
std::optional<ConfigValue> value_of_node(const toml::node& node) {
  if (const auto* b = node.as_boolean()) return ConfigValue(b->get());
  if (const auto* i = node.as_integer()) return ConfigValue(i->get());
  if (const auto* s = node.as_string()) return ConfigValue(s->get());
  if (const auto* a = node.as_array()) {
    std::vector<std::string> list;
    for (const toml::node& element : *a) {
      const auto* text = element.as_string();
      if (text == nullptr) return std::nullopt;
      list.push_back(text->get());
    }
    return ConfigValue(std::move(list));
  }
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(Config& config) : config_(config) {}

  void file(const std::string& path) {
    try {
      table(toml::parse_file(path), "", path);
    } catch (const toml::parse_error& error) {
      const auto line = error.source().begin.line;
      problem(path + (line > 0 ? ":" + std::to_string(line) : ""),
              std::string(error.description()));
    }
  }

  void environment(const Environment& variables) {
    for (const auto& [name, text] : variables) {
      if (!name.starts_with("STARDROP_") || is_service_link(name)) continue;
      if (std::find(kOtherVariables.begin(), kOtherVariables.end(), name) != kOtherVariables.end())
        continue;
      const auto& all = all_settings();
      const auto found = std::find_if(
          all.begin(), all.end(), [&](const SettingInfo& each) { return each.variable == name; });
      if (found == all.end()) {
        problem(name, "there is no setting of this name");
      } else {
        set(found->path, value_of_text(*found, text), {Layer::environment, name}, name);
      }
    }
  }

  void flags(const std::map<std::string, std::string>& given) {
    for (const auto& [path, text] : given) {
      const SettingInfo* info = find_setting(path);
      if (info == nullptr) continue;
      set(path, value_of_text(*info, text), {Layer::flag, info->flag}, info->flag);
    }
  }

  /// What can only be judged when all layers are read.
  void check() {
    const Settings& s = config_.settings;
    const auto listen = parse_host_port(s.server.listen);
    if (!listen) problem("listen", "must be HOST:PORT");
    if (s.tls.certificate_file.empty() != s.tls.key_file.empty()) {
      problem("tls", "certificate_file and key_file go together");
    }
    if (s.server.dev && listen && !is_loopback(listen->host)) {
      problem("dev", "development mode serves the loopback only, not " + listen->host);
    }
    if (sqlite_path(s.server.db).empty() && !is_postgres(s.server.db))
      problem("db", "must be sqlite:PATH or postgres://…");
    api::http::TrustedProxies proxies;
    for (const std::string& each : s.server.trusted_proxies) {
      if (const auto wrong = proxies.add(each)) problem("trusted_proxies", *wrong);
    }
    if (s.rules.reservation_s > s.rules.reservation_max_s) {
      problem("rules.reservation_s", "is longer than rules.reservation_max_s");
    }
  }

 private:
  void problem(const std::string& where, const std::string& what) {
    config_.problems.push_back({where + ": " + what});
  }

  void table(const toml::table& from, const std::string& prefix, const std::string& file) {
    for (const auto& [key, node] : from) {
      const std::string path = prefix + std::string(key.str());
      const std::string where = file + ":" + std::to_string(key.source().begin.line);
      const bool section =
          prefix.empty() &&
          std::any_of(all_settings().begin(), all_settings().end(),
                      [&](const SettingInfo& each) { return each.section == path; });
      if (const toml::table* inner = node.as_table(); inner != nullptr && section) {
        table(*inner, path + ".", file);
      } else if (find_setting(path) == nullptr) {
        problem(where, unknown(path));
      } else if (const auto value = value_of_node(node)) {
        set(path, *value, {Layer::file, where}, where);
      } else {
        problem(where, path + " has a value of a wrong kind");
      }
    }
  }

  void set(const std::string& path,
           const ConfigValue& value,
           Origin origin,
           const std::string& where) {
    if (const auto wrong = set_setting(config_.settings, path, value)) {
      problem(where, path + " " + *wrong);
    } else {
      config_.origins[path] = std::move(origin);
    }
  }

  Config& config_;
};

}  // namespace

Config read_config(const ConfigSources& sources) {
  Config config;
  Reader reader(config);
  if (!sources.file.empty()) reader.file(sources.file);
  reader.environment(sources.environment);
  reader.flags(sources.flags);
  reader.check();
  return config;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  HostPort out;
  out.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (wrong != std::errc() || end != port.data() + port.size() || port.empty()) return std::nullopt;
  return out;
}

bool is_loopback(std::string_view host) { return host == "::1" || host.starts_with("127."); }

}  // namespace stardrop::app
