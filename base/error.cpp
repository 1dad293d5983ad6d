// The table of refusals, checked while compiling.
#include "base/error.h"

#include <array>

namespace stardrop {
namespace {

constexpr std::array<ErrorInfo, kErrorCount> kTable{{
#define STARDROP_ERROR(code, http, kind, title) {#code, http, ErrorKind::kind, title},
#include "base/errors.def"
#undef STARDROP_ERROR
}};

constexpr bool table_is_sound() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    const ErrorInfo& row = kTable[i];
    if (row.http_status < 400 || row.http_status > 599) return false;
    if (row.kind == ErrorKind::internal && row.http_status < 500) return false;
    if (row.kind != ErrorKind::internal && row.kind != ErrorKind::retry && row.http_status >= 500) {
      return false;
    }
    if (row.title.empty() || row.title.back() != '.') return false;
    for (std::size_t j = i + 1; j < kTable.size(); ++j) {
      if (row.code == kTable[j].code) return false;
    }
  }
  return true;
}
static_assert(table_is_sound(), "codes are unique, statuses fit their kind, titles are sentences");

}  // namespace

const ErrorInfo& info(ErrorCode code) noexcept { return kTable[static_cast<std::size_t>(code)]; }

std::optional<ErrorCode> error_code(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].code == name) return static_cast<ErrorCode>(i);
  }
  return std::nullopt;
}

const std::vector<Fact>& Error::facts() const noexcept {
  static const std::vector<Fact> none;
  return more_ ? more_->facts : none;
}

}  // namespace stardrop
