// Completion scripts for shells, made from the tree of commands.
#include "app/cli/completion.h"

#include <functional>
#include <vector>

#include "app/cli/command_tree.h"

namespace stardrop::app {

namespace {

using Visit = std::function<void(const CLI::App&)>;

void for_each_command(const CLI::App& command, const Visit& visit) {
  visit(command);
  for (const CLI::App* sub : command.get_subcommands({})) for_each_command(*sub, visit);
}

std::vector<const CLI::Option*> shown_options(const CLI::App& command) {
  std::vector<const CLI::Option*> out;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_lnames().empty() && !option->get_group().empty()) out.push_back(option);
  }
  return out;
}

/// The words that may follow a command, separated by blanks.
std::string words_after(const CLI::App& command) {
  std::string out;
  for (const CLI::App* sub : command.get_subcommands({}))
    out += (out.empty() ? "" : " ") + sub->get_name();
  for (const CLI::Option* option : shown_options(command)) {
    out += (out.empty() ? "--" : " --") + option->get_lnames().front();
  }
  return out;
}

/// Lines of a `case` that walk down the tree: known path and next word → longer path.
std::string steps(const CLI::App& root) {
  std::string out;
  for_each_command(root, [&](const CLI::App& command) {
    if (command.get_parent() == nullptr) return;
    const std::string path = CommandTree::path_of(command);
    out += "      \"" + path + "\") at=\"" + path + "\" ;;\n";
  });
  return out;
}

std::string bash_script(const CLI::App& root) {
  std::string out =
      "# bash completion of stardrop: source <(stardrop completion bash)\n"
      "_stardrop() {\n"
      "  local at=stardrop word i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$at ${COMP_WORDS[i]}\" in\n" +
      steps(root) +
      "    esac\n"
      "  done\n"
      "  word=${COMP_WORDS[COMP_CWORD]}\n"
      "  case \"$at\" in\n";
  for_each_command(root, [&](const CLI::App& command) {
    out += "    \"" + CommandTree::path_of(command) + "\") COMPREPLY=($(compgen -W \"" +
           words_after(command) + "\" -- \"$word\")) ;;\n";
  });
  out +=
      "  esac\n"
      "}\n"
      "complete -o default -F _stardrop stardrop\n";
  return out;
}

std::string quoted(std::string text, char special) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += special == ':' ? "'\\''" : "\\'";
    } else if (c == special) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_script(const CLI::App& root) {
  std::string out =
      "#compdef stardrop\n"
      "# zsh completion of stardrop: source <(stardrop completion zsh)\n"
      "_stardrop() {\n"
      "  local at=stardrop i\n"
      "  local -a entries\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$at ${words[i]}\" in\n" +
      steps(root) +
      "    esac\n"
      "  done\n"
      "  case \"$at\" in\n";
  for_each_command(root, [&](const CLI::App& command) {
    out += "    \"" + CommandTree::path_of(command) + "\")\n      entries=(\n";
    for (const CLI::App* sub : command.get_subcommands({})) {
      out += "        '" + sub->get_name() + ":" + quoted(sub->get_description(), ':') + "'\n";
    }
    for (const CLI::Option* option : shown_options(command)) {
      out += "        '--" + option->get_lnames().front() + ":" +
             quoted(option->get_description(), ':') + "'\n";
    }
    out += "      ) ;;\n";
  });
  out +=
      "  esac\n"
      "  _describe 'stardrop' entries || _files\n"
      "}\n"
      "compdef _stardrop stardrop\n";
  return out;
}

std::string fish_script(const CLI::App& root) {
  std::string out =
      "# fish completion of stardrop: stardrop completion fish | source\n"
      "function __stardrop_at\n"
      "  set -l at stardrop\n"
      "  for word in (commandline -opc)[2..]\n"
      "    switch \"$at $word\"\n";
  for_each_command(root, [&](const CLI::App& command) {
    if (command.get_parent() == nullptr) return;
    const std::string path = CommandTree::path_of(command);
    out += "      case '" + path + "'\n        set at '" + path + "'\n";
  });
  out +=
      "    end\n"
      "  end\n"
      "  test \"$at\" = \"$argv[1]\"\n"
      "end\n";
  for_each_command(root, [&](const CLI::App& command) {
    const std::string here =
        "complete -c stardrop -n '__stardrop_at \"" + CommandTree::path_of(command) + "\"'";
    for (const CLI::App* sub : command.get_subcommands({})) {
      out += here + " -f -a " + sub->get_name() + " -d '" + quoted(sub->get_description(), '\\') +
             "'\n";
    }
    for (const CLI::Option* option : shown_options(command)) {
      out += here + " -l " + option->get_lnames().front() +
             (option->get_items_expected_max() > 0 ? " -r" : "") + " -d '" +
             quoted(option->get_description(), '\\') + "'\n";
    }
  });
  return out;
}

}  // namespace

std::optional<std::string> completion_script(const CLI::App& root, std::string_view shell) {
  if (shell == "bash") return bash_script(root);
  if (shell == "zsh") return zsh_script(root);
  if (shell == "fish") return fish_script(root);
  return std::nullopt;
}

}  // namespace stardrop::app
