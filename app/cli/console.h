// Where a command writes, and how it looks there.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stardrop::app {

/// The environment variables of the process.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The process's environment.
Environment process_environment();

/// The value of `name`, or nothing.
inline std::string_view value_in(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view{} : std::string_view(found->second);
}

/// Characters of UTF-8 text; good enough to align columns.
std::size_t width_of(std::string_view text);

/// The two streams of a command. Data goes to `out`; progress, notes and errors go to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  Environment environment;
  bool out_is_terminal = false;
  bool err_is_terminal = false;

  /// Whether `err` shows colours: a terminal, and NO_COLOR (no-color.org) is not set.
  bool color() const { return err_is_terminal && value_in(environment, "NO_COLOR").empty(); }

  /// Writes `error: …` to `err`.
  void error(std::string_view sentence) const;
  /// Writes `warning: …` to `err`.
  void warn(std::string_view sentence) const;
  /// Writes a line to `err`.
  void note(std::string_view sentence) const;
};

/// Columns of text, aligned. Numbers stand right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) : rows_{std::move(titles)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// One line on `err` that shows how far something is. Silent unless `err` is a terminal.
class ProgressBar {
 public:
  ProgressBar(const Console& console, std::string label)
      : console_(console), label_(std::move(label)) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  /// Draws `done` of `total`, with words behind. Draws at most ten times a second.
  void show(std::uint64_t done, std::uint64_t total, std::string_view words = {});
  /// Takes the line away.
  void clear();

 private:
  const Console& console_;
  std::string label_;
  std::int64_t drawn_ms_ = -1;
  bool on_screen_ = false;
};

/// `1234567` as `1,234,567`.
std::string grouped(std::int64_t value);

/// A number with so many digits behind the point.
std::string fixed(double value, int decimals);

/// Text with control characters made visible, so that stored text can't drive a terminal.
std::string printable(std::string_view text);

}  // namespace stardrop::app
