// Settings as flags, and the configuration file a command names.
#pragma once

#include <map>
#include <string>

#include "app/cli/command_tree.h"
#include "app/config.h"

namespace stardrop::app {

/// What a command line says about settings.
struct ConfigOptions {
  std::string file;
  std::map<std::string, std::string> flags;  ///< by path
};

/// Adds `--config` and a flag for each setting.
void add_config_options(CLI::App& command, ConfigOptions& options);

/// Reads all layers for a command: --config (else STARDROP_CONFIG), environment, flags.
ConfigSources sources_of(const ConfigOptions& options, const Environment& environment);

/// Prints every problem; whether there was any.
bool report_problems(const Console& console, const Config& config);

}  // namespace stardrop::app
