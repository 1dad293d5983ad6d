// Members as columns: what every SQL store does the same.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::storage {

/// Columns that make the key: the first ones.
template <TableRow Row>
inline constexpr int kKeyColumns = std::is_same_v<typename Row::Key, PairKey> ? 2 : 1;

/// A whole number's column form.
template <class M>
constexpr std::int64_t to_integer(const M& value) noexcept {
  if constexpr (kIsId<M>) {
    return value.value();
  } else if constexpr (kIsAmount<M>) {
    return value.units();
  } else if constexpr (std::is_same_v<M, Instant> || std::is_same_v<M, Duration>) {
    return value.us;
  } else {
    static_assert(std::is_enum_v<M> || !std::is_same_v<M, std::uint64_t>, "it fits in 63 bits");
    return static_cast<std::int64_t>(value);
  }
}

/// The opposite; false if there is no such value.
template <class M>
bool from_integer(std::int64_t in, M& out) noexcept {
  if constexpr (kIsId<M>) {
    out = M(in);
  } else if constexpr (kIsAmount<M>) {
    out = M::units(in);
  } else if constexpr (std::is_same_v<M, Instant> || std::is_same_v<M, Duration>) {
    out.us = in;
  } else if constexpr (std::is_same_v<M, bool>) {
    out = in != 0;
    return in == 0 || in == 1;
  } else if constexpr (std::is_enum_v<M>) {
    if (in < 0 || in >= static_cast<std::int64_t>(enum_names(M{}).size())) return false;
    out = static_cast<M>(in);
  } else {
    out = static_cast<M>(in);
    return static_cast<std::int64_t>(out) == in;
  }
  return true;
}

}  // namespace stardrop::storage
