// Options of a benchmark: `--name value` pairs and flags, without ceremony.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stardrop::bench {

/// Reads the arguments of a benchmark into variables that hold the defaults.
class Options {
 public:
  Options& number(std::string_view name, std::int64_t& value);
  Options& numbers(std::string_view name, std::vector<std::int64_t>& values);
  Options& text(std::string_view name, std::string& value);
  Options& flag(std::string_view name, bool& value);

  /// False if an argument is none of these, or its value is malformed.
  bool read(std::span<const std::string_view> arguments);

 private:
  struct Option {
    std::string_view name;
    std::int64_t* number = nullptr;
    std::vector<std::int64_t>* numbers = nullptr;
    std::string* text = nullptr;
    bool* flag = nullptr;
  };
  static bool take(const Option& option, std::string_view value);

  std::vector<Option> options_;
};

/// A whole number without sign; nothing if `text` is none.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace stardrop::bench
