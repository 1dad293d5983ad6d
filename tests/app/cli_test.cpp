// The command line: help, typos, exit codes, completion, and docs/cli.md.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "app/cli/completion.h"
#include "tests/app/program.h"

namespace stardrop::app {
namespace {

void visit(const CLI::App& command, const std::function<void(const CLI::App&)>& each) {
  each(command);
  for (const CLI::App* sub : command.get_subcommands({})) visit(*sub, each);
}

TEST(Cli, PrintsItsVersion) {
  Program program;
  EXPECT_EQ(program.run({"--version"}), ExitCode::ok);
  EXPECT_TRUE(program.out.str().starts_with("stardrop 0."));
}

TEST(Cli, WithoutACommandShowsHelpAsAMistake) {
  Program program;
  EXPECT_EQ(program.run({}), ExitCode::usage);
  EXPECT_NE(program.err.str().find("Commands:"), std::string::npos);
}

TEST(Cli, SuggestsTheCommandThatWasMeant) {
  Program program;
  EXPECT_EQ(program.run({"srve"}), ExitCode::usage);
  EXPECT_NE(program.err.str().find("did you mean serve?"), std::string::npos) << program.err.str();
}

TEST(Cli, SuggestsTheInnerCommandThatWasMeant) {
  Program program;
  EXPECT_EQ(program.run({"drop", "benhc"}), ExitCode::usage);
  EXPECT_NE(program.err.str().find("did you mean bench?"), std::string::npos) << program.err.str();
}

TEST(Cli, SuggestsTheOptionThatWasMeant) {
  Program program;
  EXPECT_EQ(program.run({"drop", "bench", "--buyrs", "3"}), ExitCode::usage);
  EXPECT_NE(program.err.str().find("did you mean --buyers?"), std::string::npos)
      << program.err.str();
}

TEST(Cli, RefusesAnOptionOutOfRange) {
  Program program;
  EXPECT_EQ(program.run({"drop", "bench", "--pipeline", "65"}), ExitCode::usage);
  EXPECT_EQ(program.out.str(), "");
}

TEST(Cli, AnEchoedWordCannotDriveTheTerminal) {
  Program program;
  EXPECT_EQ(program.run({"\033[2Jx"}), ExitCode::usage);
  EXPECT_EQ(program.err.str().find('\033'), std::string::npos);
}

TEST(Cli, UnreachableServerIsUnavailable) {
  Program program;
  EXPECT_EQ(program.run({"account", "show", "house", "--url", "http://127.0.0.1:1"}),
            ExitCode::unavailable);
}

TEST(Cli, MalformedUrlIsWrongUsage) {
  Program program;
  EXPECT_EQ(program.run({"account", "show", "house", "--url", "ftp://x"}), ExitCode::usage);
}

TEST(Cli, MissingDatabaseIsNotFound) {
  Program program;
  EXPECT_EQ(program.run({"migrate", "--db", "sqlite:/nonexistent/stardrop.db"}),
            ExitCode::not_found);
}

TEST(Cli, ErasingNeedsYes) {
  Program program;
  EXPECT_EQ(program.run({"account", "erase", "acc_0000000000001"}), ExitCode::usage);
  EXPECT_NE(program.err.str().find("--yes"), std::string::npos);
}

TEST(Cli, EveryCommandHasAnExampleAndASummary) {
  Program program;
  visit(program.tree.root(), [&](const CLI::App& command) {
    const std::string page = program.tree.help(command, true);
    EXPECT_NE(page.find("\nExamples:\n"), std::string::npos) << CommandTree::path_of(command);
    EXPECT_NE(page.find("Exit codes:"), std::string::npos) << CommandTree::path_of(command);
    EXPECT_EQ(page.find(" - \n"), std::string::npos) << CommandTree::path_of(command);
  });
}

TEST(Cli, EveryExampleNamesACommandThatExists) {
  Program program;
  visit(program.tree.root(), [&](const CLI::App& command) {
    const std::string page = program.tree.help(command, true);
    std::istringstream lines(page.substr(page.find("\nExamples:\n") + 11));
    for (std::string line; std::getline(lines, line) && line.starts_with("  stardrop ");) {
      std::istringstream words(line);
      std::string word;
      words >> word;
      const CLI::App* at = &program.tree.root();
      while (words >> word && !at->get_subcommands({}).empty()) {
        const auto subs = at->get_subcommands({});
        const auto found = std::find_if(
            subs.begin(), subs.end(), [&](const CLI::App* sub) { return sub->get_name() == word; });
        ASSERT_NE(found, subs.end()) << line;
        at = *found;
      }
    }
  });
}

TEST(Cli, HelpIsShortOrWhole) {
  Program brief;
  EXPECT_EQ(brief.run({"drop", "bench", "-h"}), ExitCode::ok);
  EXPECT_EQ(brief.out.str().find("Examples:"), std::string::npos);
  Program whole;
  EXPECT_EQ(whole.run({"drop", "bench", "--help"}), ExitCode::ok);
  EXPECT_NE(whole.out.str().find("Examples:"), std::string::npos);
}

TEST(Cli, CompletionKnowsEveryCommand) {
  Program program;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(program.tree.root(), shell);
    ASSERT_TRUE(script);
    visit(program.tree.root(), [&](const CLI::App& command) {
      EXPECT_NE(script->find(command.get_name()), std::string::npos)
          << shell << ' ' << command.get_name();
    });
  }
  EXPECT_FALSE(completion_script(program.tree.root(), "tcsh"));
}

TEST(Cli, BashCompletesAnInnerCommand) {
  Program program;
  const std::string path = testing::TempDir() + "stardrop_completion.bash";
  std::ofstream(path) << *completion_script(program.tree.root(), "bash")
                      << "COMP_WORDS=(stardrop drop be); COMP_CWORD=2; _stardrop; test "
                         "\"${COMPREPLY[*]}\" = bench\n";
  EXPECT_EQ(std::system(("bash " + path).c_str()), 0);
}

/// Holds a page of docs/ against what it should be. STARDROP_UPDATE_GOLDEN=1 writes it.
void expect_page(const std::string& name, const std::string& page) {
  const std::string path = std::string(STARDROP_SOURCE_DIR) + "/docs/" + name;
  if (std::getenv("STARDROP_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << page;
  }
  std::ifstream file(path);
  const std::string present(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(present == page) << "docs/" << name << " is out of date";
}

TEST(Cli, DocumentationIsUpToDate) {
  Program program;
  const CLI::App& root = program.tree.root();
  std::string index =
      "# The command line\n\nMade of `stardrop COMMAND --help`; a test keeps these pages up to "
      "date "
      "(`STARDROP_UPDATE_GOLDEN=1\ntest_app --gtest_filter=Cli.DocumentationIsUpToDate` writes "
      "them again).\n\n"
      "| command | what it does |\n| --- | --- |\n";
  for (const CLI::App* command : root.get_subcommands({})) {
    const std::string& name = command->get_name();
    index += "| [" + name + "](cli/" + name + ".md) | " + command->get_description() + " |\n";
    std::string page = "# stardrop " + name + "\n";
    visit(*command, [&](const CLI::App& each) {
      if (&each != command) page += "\n## " + CommandTree::path_of(each) + "\n";
      page += "\n```text\n" + program.tree.help(each, true) + "```\n";
    });
    expect_page("cli/" + name + ".md", page);
  }
  expect_page("cli.md", index + "\n```text\n" + program.tree.help(root, true) + "```\n");
}

}  // namespace
}  // namespace stardrop::app
