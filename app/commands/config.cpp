// `config`: which settings are in force and why; whether a file is sound.
#include <memory>
#include <ostream>

#include "app/commands/all.h"
#include "app/commands/config_options.h"
#include "base/json_writer.h"

namespace stardrop::app {

void add_config_options(CLI::App& command, ConfigOptions& options) {
  command.add_option("--config", options.file, "Settings file, TOML; else STARDROP_CONFIG.")
      ->type_name("FILE");
  for (const SettingInfo& info : all_settings()) {
    std::string text = info.doc;
    if (info.min && info.max)
      text += " " + std::to_string(*info.min) + " to " + std::to_string(*info.max) + ".";
    const std::string group =
        info.section.empty() ? "Settings" : "Settings, [" + info.section + "]";
    if (info.boolean) {
      command
          .add_flag_callback(
              info.flag, [&options, path = info.path] { options.flags[path] = "true"; }, text)
          ->group(group);
      continue;
    }
    const std::string type = info.type == "whole number" ? "N"
                             : info.type == "list"       ? "TEXT,…"
                             : info.type == "text"       ? "TEXT"
                                                         : info.type;
    command
        .add_option_function<std::string>(
            info.flag,
            [&options, path = info.path](const std::string& value) { options.flags[path] = value; },
            text)
        ->type_name(type)
        ->default_str(info.default_text == "\"\"" || info.default_text == "[]" ? ""
                                                                               : info.default_text)
        ->group(group);
  }
}

ConfigSources sources_of(const ConfigOptions& options, const Environment& environment) {
  ConfigSources out;
  out.file =
      options.file.empty() ? std::string(value_in(environment, "STARDROP_CONFIG")) : options.file;
  out.environment = environment;
  out.flags = options.flags;
  return out;
}

bool report_problems(const Console& console, const Config& config) {
  for (const ConfigProblem& problem : config.problems) console.error(problem.text);
  return !config.problems.empty();
}

namespace {

struct ShowOptions {
  ConfigOptions config;
  bool origin = false;
  bool json = false;
};

std::string origin_text(const Config& config, const std::string& path) {
  const auto found = config.origins.find(path);
  if (found == config.origins.end()) return "default";
  return std::string(name_of(found->second.layer)) + " " + found->second.where;
}

void show_json(const Console& console, const Config& config, bool origin) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const SettingInfo& info : all_settings()) {
    json.key(info.path);
    if (!origin) {
      json.raw(setting_text(config.settings, info.path));
      continue;
    }
    json.begin_object().key("value").raw(setting_text(config.settings, info.path));
    const auto found = config.origins.find(info.path);
    json.key("layer").text(found == config.origins.end() ? "default"
                                                         : name_of(found->second.layer));
    if (found != config.origins.end()) json.key("where").text(found->second.where);
    json.end_object();
  }
  json.end_object();
  console.out << out << '\n';
}

void show_toml(const Console& console, const Config& config, bool origin) {
  std::string section;
  for (const SettingInfo& info : all_settings()) {
    if (info.section != section) {
      section = info.section;
      console.out << "\n[" << section << "]\n";
    }
    const std::string name = section.empty() ? info.path : info.path.substr(section.size() + 1);
    console.out << name << " = " << setting_text(config.settings, info.path);
    if (origin) console.out << "  # " << origin_text(config, info.path);
    console.out << '\n';
  }
}

}  // namespace

void add_config_commands(CommandTree& tree) {
  CLI::App& group =
      tree.add_group(tree.root(), "config",
                     {"show and check settings",
                      "Settings come from, each over the one before: built-in defaults, a TOML "
                      "file (--config), STARDROP_* variables,\n"
                      "flags. A key nobody knows is an error. SIGHUP makes a running server read "
                      "them again and puts rules, rates and\n"
                      "the log level in force; the rest needs a restart.",
                      {"config show --origin", "config check --config stardrop.toml"}});
  auto show = std::make_shared<ShowOptions>();
  CLI::App& show_command = tree.add_command(
      group, "show",
      {"print the settings in force",
       "As TOML that can be used as a file. --origin says which layer set each: the file and line, "
       "the variable or the\n"
       "flag. Passwords are masked.",
       {"config show --origin", "config show --config stardrop.toml --json"}},
      [&tree, show] {
        const Config config = read_config(sources_of(show->config, tree.console().environment));
        if (report_problems(tree.console(), config)) return ExitCode::usage;
        show->json ? show_json(tree.console(), config, show->origin)
                   : show_toml(tree.console(), config, show->origin);
        return ExitCode::ok;
      });
  show_command.add_flag("--origin", show->origin, "Say which layer set each.");
  add_json_flag(show_command, show->json);
  add_config_options(show_command, show->config);

  auto check = std::make_shared<ConfigOptions>();
  CLI::App& check_command = tree.add_command(
      group, "check",
      {"tell whether the settings can be used",
       "Reports every problem with its line; exits with 2 if there is one.",
       {"config check --config stardrop.toml"}},
      [&tree, check] {
        const Config config = read_config(sources_of(*check, tree.console().environment));
        if (report_problems(tree.console(), config)) return ExitCode::usage;
        tree.console().note("The settings can be used.");
        return ExitCode::ok;
      });
  add_config_options(check_command, *check);
}

}  // namespace stardrop::app
