// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of described structs.
#pragma once

#include <string>

#include "base/fields.h"
#include "base/id.h"
#include "base/json_writer.h"
#include "base/money.h"
#include "base/time.h"

namespace stardrop::api {

/// Writes the members of a type's schema into an object that is open.
template <class T>
void write_schema_members(JsonWriter& out,
                          std::int64_t min,
                          std::int64_t max,
                          std::size_t size_max);

/// Writes an object schema with every field that is not internal. In requests (`incoming`) fields
/// with a default are not required; answers always carry all of their fields.
template <Described T>
void write_object_schema(JsonWriter& out, bool incoming) {
  out.key("type").text("object");
  out.key("properties").begin_object();
  for_each_field<T>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    if (f.internal) return;
    out.key(f.name).begin_object();
    if constexpr (!std::is_same_v<Member, Bytes>) {
      write_schema_members<Member>(out, f.min, f.max, f.size_max);
    }
    out.key("description").text(f.doc);
    if (!f.example.empty()) {
      constexpr bool kNumber = std::is_integral_v<Member> || kIsAmount<Member> ||
                               std::is_same_v<Member, std::optional<std::int64_t>>;
      out.key("examples").begin_array();
      if constexpr (kNumber) {
        out.raw(f.example);
      } else {
        out.text(f.example);
      }
      out.end_array();
    }
    out.end_object();
  });
  out.end_object();
  out.key("required").begin_array();
  for_each_field<T>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    if (f.internal) return;
    if (!incoming || (!f.optional && !kIsOptional<Member>)) out.text(f.name);
  });
  out.end_array();
  if (incoming) out.key("additionalProperties").boolean(false);
}

template <class T>
void write_schema_members(JsonWriter& out,
                          std::int64_t min,
                          std::int64_t max,
                          std::size_t size_max) {
  const auto type = [&out](std::string_view name, bool nullable) {
    if (!nullable) {
      out.key("type").text(name);
      return;
    }
    out.key("type").begin_array().text(name).text("null").end_array();
  };
  if constexpr (kIsOptional<T>) {
    using Inner = typename T::value_type;
    if constexpr (std::is_integral_v<Inner> && !std::is_same_v<Inner, bool>) {
      type("integer", true);
    } else if constexpr (std::is_same_v<Inner, std::string>) {
      type("string", true);
    } else {
      out.key("anyOf").begin_array().begin_object();
      write_schema_members<Inner>(out, min, max, size_max);
      out.end_object().begin_object().key("type").text("null").end_object().end_array();
    }
  } else if constexpr (kIsId<T>) {
    type("string", true);
    out.key("examples").begin_array().text(T(1).text()).end_array();
  } else if constexpr (std::is_same_v<T, Instant>) {
    type("string", true);
    out.key("format").text("date-time");
  } else if constexpr (std::is_same_v<T, bool>) {
    type("boolean", false);
  } else if constexpr (NamedEnum<T>) {
    type("string", false);
    out.key("enum").begin_array();
    for (const std::string_view name : enum_names(T{})) out.text(name);
    out.end_array();
  } else if constexpr (std::is_integral_v<T> || kIsAmount<T>) {
    type("integer", false);
    if (min != std::numeric_limits<std::int64_t>::min()) out.key("minimum").integer(min);
    if (max != std::numeric_limits<std::int64_t>::max()) out.key("maximum").integer(max);
  } else if constexpr (std::is_same_v<T, std::string>) {
    type("string", false);
  } else if constexpr (kIsVector<T>) {
    type("array", false);
    out.key("items").begin_object();
    write_schema_members<typename T::value_type>(out, min, max, 4096);
    out.end_object();
    if (size_max != 4096) out.key("maxItems").integer(static_cast<std::int64_t>(size_max));
  } else {
    write_object_schema<T>(out, false);
  }
}

/// The schema of a request body.
template <Described T>
std::string request_schema() {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  write_object_schema<T>(out, true);
  out.end_object();
  return text;
}

/// The schema of an answer.
template <Described T>
std::string answer_schema() {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  write_object_schema<T>(out, false);
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
  write_object_schema<T>(out, false);
  out.end_object().end_object();
  out.key("has_more").begin_object().key("type").text("boolean").end_object();
  out.key("next_cursor").begin_object().key("type").begin_array().text("string").text("null");
  out.end_array().end_object().end_object();
  out.key("required").begin_array().text("object").text("data").text("has_more");
  out.text("next_cursor").end_array().end_object();
  return text;
}

}  // namespace stardrop::api
