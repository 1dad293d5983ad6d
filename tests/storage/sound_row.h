// Rows for tests of schemas.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "market/settings.h"

namespace stardrop::testing {

/// A row that satisfies every CHECK.
template <class Row>
Row sound_row() {
  Row row{};
  for_each_field<Row>([&]<class M>(const Field<Row, M>& f) {
    if constexpr (kIsId<M>) row.*(f.member) = M(7);
    if constexpr (kIsAmount<M>) row.*(f.member) = M::units(9);
    if constexpr (std::is_same_v<M, std::int64_t>) row.*(f.member) = 5;
  });
  if constexpr (requires { row.supply; }) row.sold = row.reserved = row.serials_free = 1;
  if constexpr (std::is_same_v<Row, market::RuleSettings>) row.id = 1;
  return row;
}

}  // namespace stardrop::testing
