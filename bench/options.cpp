// Options of a benchmark: `--name value` pairs and flags, without ceremony.
#include "bench/options.h"

#include <algorithm>
#include <charconv>

namespace stardrop::bench {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc() || end != text.data() + text.size() || out < 0) return std::nullopt;
  return out;
}

Options& Options::number(std::string_view name, std::int64_t& value) {
  options_.emplace_back().name = name;
  options_.back().number = &value;
  return *this;
}

Options& Options::numbers(std::string_view name, std::vector<std::int64_t>& values) {
  options_.emplace_back().name = name;
  options_.back().numbers = &values;
  return *this;
}

Options& Options::text(std::string_view name, std::string& value) {
  options_.emplace_back().name = name;
  options_.back().text = &value;
  return *this;
}

Options& Options::flag(std::string_view name, bool& value) {
  options_.emplace_back().name = name;
  options_.back().flag = &value;
  return *this;
}

bool Options::take(const Option& option, std::string_view value) {
  if (option.text != nullptr) {
    *option.text = value;
    return true;
  }
  if (option.number != nullptr) {
    const auto number = whole_number(value);
    if (number) *option.number = *number;
    return number.has_value();
  }
  option.numbers->clear();
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const auto each = whole_number(value.substr(0, comma));
    if (!each || *each == 0) return false;
    option.numbers->push_back(*each);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return !option.numbers->empty();
}

bool Options::read(std::span<const std::string_view> arguments) {
  while (!arguments.empty()) {
    const auto found = std::find_if(options_.begin(), options_.end(), [&](const Option& each) {
      return each.name == arguments.front();
    });
    if (found == options_.end()) return false;
    if (found->flag != nullptr) {
      *found->flag = true;
      arguments = arguments.subspan(1);
      continue;
    }
    if (arguments.size() < 2 || !take(*found, arguments[1])) return false;
    arguments = arguments.subspan(2);
  }
  return true;
}

}  // namespace stardrop::bench
