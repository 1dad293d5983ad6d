// Where a command writes, and how it looks there.
#include "app/cli/console.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ostream>

#include <unistd.h>

namespace stardrop::app {

namespace {

constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kPlain = "\033[0m";
constexpr std::size_t kBarWidth = 30;
constexpr std::int64_t kRedrawMs = 100;

void labelled(const Console& console,
              std::string_view color,
              std::string_view label,
              std::string_view sentence) {
  if (console.color()) {
    console.err << color << label << kPlain << ' ' << sentence << '\n';
  } else {
    console.err << label << ' ' << sentence << '\n';
  }
}

bool is_number(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789.,-%") == std::string_view::npos;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

Environment process_environment() {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

void Console::error(std::string_view sentence) const { labelled(*this, kRed, "error:", sentence); }
void Console::warn(std::string_view sentence) const {
  labelled(*this, kYellow, "warning:", sentence);
}
void Console::note(std::string_view sentence) const { err << sentence << '\n'; }

void TextTable::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      const std::string blanks(widths[i] - width_of(row[i]), ' ');
      line += is_number(row[i]) ? blanks + row[i] : row[i] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total, std::string_view words) {
  if (!console_.err_is_terminal) return;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  if (drawn_ms_ >= 0 && now_ms - drawn_ms_ < kRedrawMs) return;
  drawn_ms_ = now_ms;
  on_screen_ = true;
  const std::uint64_t capped = std::min(done, total);
  const std::size_t filled = total == 0 ? 0 : static_cast<std::size_t>(capped * kBarWidth / total);
  std::string bar(filled, '#');
  bar.append(kBarWidth - filled, '.');
  const std::uint64_t percent = total == 0 ? 0 : capped * 100 / total;
  console_.err << "\r\033[K" << label_ << " [" << bar << "] " << percent << "% " << words
               << std::flush;
}

void ProgressBar::clear() {
  if (on_screen_) console_.err << "\r\033[K" << std::flush;
  on_screen_ = false;
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string fixed(double value, int decimals) {
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return std::string(text.data(), static_cast<std::size_t>(size));
}

std::string printable(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace stardrop::app
