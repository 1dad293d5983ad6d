// Completion scripts for shells, made from the tree of commands.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <CLI/App.hpp>

namespace stardrop::app {

/// A script for `bash`, `zsh` or `fish`; nothing for another shell.
std::optional<std::string> completion_script(const CLI::App& root, std::string_view shell);

}  // namespace stardrop::app
