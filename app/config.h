// Configuration: defaults, then a TOML file, then STARDROP_* variables, then flags.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/cli/console.h"
#include "app/settings.h"

namespace stardrop::app {

/// Which layer set a value.
enum class Layer : std::uint8_t { default_, file, environment, flag };
constexpr auto enum_names(Layer) {
  return std::array<std::string_view, 4>{"default", "file", "environment", "flag"};
}

/// Where a value comes from: the layer, and the line, variable or flag.
struct Origin {
  Layer layer = Layer::default_;
  std::string where;
};

/// One setting as the outside sees it.
struct SettingInfo {
  std::string path;      ///< `limits.body_bytes`
  std::string variable;  ///< `STARDROP_LIMITS_BODY_BYTES`
  std::string flag;      ///< `--limits-body-bytes`
  std::string section;
  std::string type;  ///< text, whole number, true or false, list, or the words it may be
  std::string doc;
  std::string default_text;
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  bool boolean = false;
  bool reloads = false;  ///< SIGHUP puts a new value in force
};

/// Every setting, in order.
const std::vector<SettingInfo>& all_settings();

/// A value before it is checked.
using ConfigValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

/// Something wrong with the configuration, with the place: `stardrop.toml:12: …`.
struct ConfigProblem {
  std::string text;
};

/// Settings with their origins.
struct Config {
  Settings settings;
  std::map<std::string, Origin, std::less<>> origins;  ///< by path; absent: default
  std::vector<ConfigProblem> problems;                 ///< empty: it can be used
};

/// Where a configuration is made of.
struct ConfigSources {
  std::string file;  ///< empty: none
  Environment environment;
  std::map<std::string, std::string> flags;  ///< path → text
};

/// Reads all layers. Reports every problem, not only the first.
Config read_config(const ConfigSources& sources);

/// Sets one setting. Nothing on success, else what is wrong.
std::optional<std::string> set_setting(Settings& settings,
                                       std::string_view path,
                                       const ConfigValue& value);

/// A setting's value as TOML would have it, secrets masked.
std::string setting_text(const Settings& settings, std::string_view path);

/// Splits `HOST:PORT`; the host may be in brackets. Nothing if malformed.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
std::optional<HostPort> parse_host_port(std::string_view text);

/// Whether the numeric address `host` is of this machine's loopback.
bool is_loopback(std::string_view host);

}  // namespace stardrop::app
