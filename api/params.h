// Path and query parameters, decoded strictly by field descriptions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/json_reader.h"
#include "base/result.h"
#include "base/time.h"

namespace stardrop::api {

/// A named piece of text of a path or query.
struct Param {
  std::string name;
  std::string value;
};

/// Splits a query string (`a=1&b=2`) and undoes percent-encoding (RFC 3986; `+` is a blank).
/// Refused with invalid_request.
Result<std::vector<Param>> parse_query(std::string_view query);

/// Undoes percent-encoding; nothing if it is malformed or not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);

/// Whether bytes are well-formed UTF-8 without NUL.
bool is_utf8(std::string_view text) noexcept;

namespace params_detail {
Status read_integer(std::string_view text, std::int64_t min, std::int64_t max, std::int64_t& out);
}

/// Decodes one parameter into a member. Refused with invalid_id, invalid_value.
template <class M, class F>
Status decode_param(std::string_view text, const F& field, M& out) {
  if constexpr (kIsOptional<M>) {
    return decode_param(text, field, out.emplace());
  } else if constexpr (kIsId<M>) {
    const auto id = M::parse(text);
    if (!id) return Error(ErrorCode::invalid_id).param(std::string(field.name));
    out = *id;
    return done();
  } else if constexpr (std::is_same_v<M, std::string>) {
    if (text.size() > field.size_max) {
      return Error(ErrorCode::invalid_value).param(std::string(field.name));
    }
    out = std::string(text);
    return done();
  } else if constexpr (std::is_same_v<M, bool>) {
    if (text != "true" && text != "false") {
      return Error(ErrorCode::invalid_value).param(std::string(field.name));
    }
    out = text == "true";
    return done();
  } else if constexpr (NamedEnum<M>) {
    const auto value = enum_of<M>(text);
    if (!value) return Error(ErrorCode::invalid_value).param(std::string(field.name));
    out = *value;
    return done();
  } else if constexpr (std::is_same_v<M, Instant>) {
    const auto value = parse_rfc3339(text);
    if (!value) return Error(ErrorCode::invalid_value).param(std::string(field.name));
    out = *value;
    return done();
  } else if constexpr (std::is_integral_v<M>) {
    std::int64_t value = 0;
    Status status = params_detail::read_integer(text, field.min, field.max, value);
    if (!status) return std::move(status).error().param(std::string(field.name));
    out = static_cast<M>(value);
    return done();
  } else {
    return Error(ErrorCode::invalid_value).param(std::string(field.name));
  }
}

/// Sets members of `out` named by `params`. Returns which, as bits in the order of `fields()`.
/// Refused with unknown_field and what `decode_param` refuses; a name given twice is refused too.
template <Described T>
Result<std::uint64_t> decode_params(const std::vector<Param>& params, T& out) {
  std::uint64_t set = 0;
  for (const Param& param : params) {
    std::optional<Error> refused;
    bool known = false;
    std::uint64_t bit = 1;
    for_each_field<T>([&](const auto& f) {
      if (!known && !f.internal && f.name == param.name) {
        known = true;
        if ((set & bit) != 0) refused = Error(ErrorCode::invalid_value).param(param.name);
        set |= bit;
        if (Status status = decode_param(param.value, f, out.*(f.member)); !status && !refused) {
          refused = std::move(status).error();
        }
      }
      bit <<= 1U;
    });
    if (!known) return Error(ErrorCode::unknown_field).param(param.name);
    if (refused) return *std::move(refused);
  }
  return set;
}

}  // namespace stardrop::api
