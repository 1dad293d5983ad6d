// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of described structs.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "base/fields.h"
#include "base/id.h"
#include "base/json_writer.h"
#include "base/money.h"
#include "base/time.h"

namespace stardrop::api {

/// Which way a described struct goes.
enum class Way : std::uint8_t {
  incoming,  ///< a request: fields with a default are not required, others are unknown
  outgoing   ///< an answer: it always carries all of its fields
};

/// What a field's description adds to its type.
struct SchemaLimits {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::size_t size_max = kTextMax;
  bool nullable = true;  ///< whether an id or a time may be absent

  /// What a field takes that says nothing.
  static constexpr std::size_t kTextMax = 4096;
};

/// Types whose values are JSON numbers.
template <class T>
inline constexpr bool kIsNumber =
    (std::is_integral_v<T> && !std::is_same_v<T, bool>) || kIsAmount<T>;
template <class T>
inline constexpr bool kIsNumber<std::optional<T>> = kIsNumber<T>;

/// Writes the members of a type's schema into an object that is open.
template <class T>
void write_schema_members(JsonWriter& out, Way way, const SchemaLimits& limits);

/// An id for examples.
inline constexpr std::int64_t kExampleId = 382'837'624'475'222'017;

/// Writes an object schema with every field that is not internal. `stamped`: it also carries the
/// moment it was `created`.
template <Described T>
void write_object_schema(JsonWriter& out, Way way, bool stamped = false) {
  const bool incoming = way == Way::incoming;
  bool any_required = false;
  out.key("type").text("object");
  out.key("properties").begin_object();
  for_each_field<T>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    if (f.internal) return;
    const bool required = !incoming || (!f.optional && !kIsOptional<Member>);
    any_required = any_required || required;
    out.key(f.name).begin_object();
    if constexpr (!std::is_same_v<Member, Bytes>) {
      // The id of the thing itself is there in every answer.
      const bool own_id = f.name == "id";
      write_schema_members<Member>(out, way,
                                   {f.min, f.max, f.size_max, !own_id && !(incoming && required)});
    }
    out.key("description").text(f.doc);
    if (!f.example.empty()) {
      out.key("examples").begin_array();
      if constexpr (kIsNumber<Member>) {
        out.raw(f.example);
      } else {
        out.text(f.example);
      }
      out.end_array();
    }
    out.end_object();
  });
  if (stamped) {
    out.key("created").begin_object().key("type").text("string");
    out.key("format").text("date-time").key("description").text("When it was carried out.");
    out.end_object();
  }
  out.end_object();
  // An empty list is not allowed in OpenAPI 3.0.
  if (any_required || stamped) {
    out.key("required").begin_array();
    for_each_field<T>([&](const auto& f) {
      using Member = typename std::remove_cvref_t<decltype(f)>::Member;
      if (f.internal) return;
      if (!incoming || (!f.optional && !kIsOptional<Member>)) out.text(f.name);
    });
    if (stamped) out.text("created");
    out.end_array();
  }
  if (incoming) out.key("additionalProperties").boolean(false);
}

/// Writes `type`: a word, or that word or null.
inline void write_schema_type(JsonWriter& out, std::string_view name, bool nullable) {
  if (!nullable) {
    out.key("type").text(name);
    return;
  }
  out.key("type").begin_array().text(name).text("null").end_array();
}

inline void write_number_schema(JsonWriter& out, const SchemaLimits& limits, bool nullable) {
  write_schema_type(out, "integer", nullable);
  if (limits.min != SchemaLimits{}.min) out.key("minimum").integer(limits.min);
  if (limits.max != SchemaLimits{}.max) out.key("maximum").integer(limits.max);
}

template <class T>
void write_schema_members(JsonWriter& out, Way way, const SchemaLimits& limits) {
  if constexpr (kIsOptional<T>) {
    using Inner = typename T::value_type;
    if constexpr (kIsNumber<Inner>) {
      write_number_schema(out, limits, true);
    } else if constexpr (std::is_same_v<Inner, std::string> || std::is_same_v<Inner, bool>) {
      write_schema_type(out, std::is_same_v<Inner, bool> ? "boolean" : "string", true);
    } else {
      out.key("anyOf").begin_array().begin_object();
      write_schema_members<Inner>(out, way, limits);
      out.end_object().begin_object().key("type").text("null").end_object().end_array();
    }
  } else if constexpr (kIsId<T>) {
    write_schema_type(out, "string", limits.nullable);
    // Behind the prefix stand 13 digits of Crockford's base 32.
    const std::string example = T(kExampleId).text();
    const std::string prefix = example.substr(0, example.size() - 13);
    out.key("pattern").text("^" + prefix + "[0-9a-hjkmnp-tv-z]{13}$");
    out.key("examples").begin_array().text(example).end_array();
  } else if constexpr (std::is_same_v<T, Instant>) {
    write_schema_type(out, "string", limits.nullable);
    out.key("format").text("date-time");
  } else if constexpr (std::is_same_v<T, bool>) {
    write_schema_type(out, "boolean", false);
  } else if constexpr (NamedEnum<T>) {
    write_schema_type(out, "string", false);
    out.key("enum").begin_array();
    for (const std::string_view name : enum_names(T{})) out.text(name);
    out.end_array();
  } else if constexpr (kIsNumber<T>) {
    write_number_schema(out, limits, false);
  } else if constexpr (std::is_same_v<T, std::string>) {
    write_schema_type(out, "string", false);
  } else if constexpr (kIsVector<T>) {
    write_schema_type(out, "array", false);
    out.key("items").begin_object();
    write_schema_members<typename T::value_type>(out, way,
                                                 {limits.min, limits.max, SchemaLimits::kTextMax});
    out.end_object();
    if (limits.size_max != SchemaLimits::kTextMax) {
      out.key("maxItems").integer(static_cast<std::int64_t>(limits.size_max));
    }
  } else {
    write_object_schema<T>(out, way);
  }
}

/// The schema of a request body.
template <Described T>
std::string request_schema() {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  write_object_schema<T>(out, Way::incoming);
  out.end_object();
  return text;
}

/// The schema of an answer.
template <Described T, bool kStamped = false>
std::string answer_schema() {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  write_object_schema<T>(out, Way::outgoing, kStamped);
  out.end_object();
  return text;
}

/// The schema of a list of `T`.
template <Described T>
std::string list_schema() {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.key("type").text("object");
  out.key("properties").begin_object();
  out.key("object").begin_object().key("const").text("list").end_object();
  out.key("data").begin_object().key("type").text("array").key("items").begin_object();
  write_object_schema<T>(out, Way::outgoing);
  out.end_object().end_object();
  out.key("has_more").begin_object().key("type").text("boolean").end_object();
  out.key("next_cursor").begin_object().key("type").begin_array().text("string").text("null");
  out.end_array().end_object().end_object();
  out.key("required").begin_array().text("object").text("data").text("has_more");
  out.text("next_cursor").end_array().end_object();
  return text;
}

}  // namespace stardrop::api
