// Configuration: the table of settings, reading and writing single values.
#include <algorithm>
#include <limits>

#include "app/config.h"
#include "app/redact.h"
#include "base/json_writer.h"

namespace stardrop::app {

namespace {

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::string dashed(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '.' || c == '_'; }, '-');
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

template <class T>
std::string text_of(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (NamedEnum<T>) {
    return in_quotes(name_of(value));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return in_quotes(value);
  } else if constexpr (kIsVector<T>) {
    std::string out = "[";
    for (const auto& each : value) out += (out.size() == 1 ? "" : ", ") + in_quotes(each);
    return out + "]";
  } else {
    return std::to_string(value);
  }
}

template <class T>
std::string type_of() {
  if constexpr (std::is_same_v<T, bool>) {
    return "true or false";
  } else if constexpr (NamedEnum<T>) {
    std::string out;
    for (const std::string_view name : enum_names(T{}))
      out += (out.empty() ? "" : "|") + std::string(name);
    return out;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "text";
  } else if constexpr (kIsVector<T>) {
    return "list";
  } else {
    return "whole number";
  }
}

/// Whether SIGHUP puts a changed value in force.
bool reloads(std::string_view path) {
  return path.starts_with("rules.") || path == "log.level" || path.ends_with("_per_second") ||
         path.ends_with("_per_minute") || path.ends_with("_burst") || path.ends_with("_per_app");
}

std::vector<SettingInfo> make_table() {
  std::vector<SettingInfo> out;
  const Settings defaults;
  for_each_section(defaults, [&](std::string_view section, const auto& part) {
    using Part = std::remove_cvref_t<decltype(part)>;
    for_each_field<Part>([&](const auto& f) {
      if (f.internal) return;
      using Member = typename std::remove_cvref_t<decltype(f)>::Member;
      SettingInfo info;
      info.section = section;
      info.path =
          section.empty() ? std::string(f.name) : std::string(section) + "." + std::string(f.name);
      info.variable = "STARDROP_" + upper(info.path);
      info.flag = "--" + dashed(info.path);
      info.type = type_of<Member>();
      info.doc = f.doc;
      info.default_text = text_of(part.*(f.member));
      info.boolean = std::is_same_v<Member, bool>;
      if constexpr (std::is_same_v<Member, std::int64_t>) {
        if (f.min != std::numeric_limits<std::int64_t>::min()) info.min = f.min;
        if (f.max != std::numeric_limits<std::int64_t>::max()) info.max = f.max;
      }
      info.reloads = reloads(info.path);
      out.push_back(std::move(info));
    });
  });
  return out;
}

/// Calls `visit(field, part)` for the setting at `path`. False if there is none.
template <class S, class Visit>
bool with_setting(S& settings, std::string_view path, Visit&& visit) {
  bool found = false;
  for_each_section(settings, [&](std::string_view section, auto& part) {
    std::string_view name = path;
    if (!section.empty()) {
      if (!name.starts_with(section) || name.size() <= section.size() ||
          name[section.size()] != '.')
        return;
      name.remove_prefix(section.size() + 1);
    }
    for_each_field<std::remove_cvref_t<decltype(part)>>([&](const auto& f) {
      if (!f.internal && f.name == name) {
        found = true;
        visit(f, part);
      }
    });
  });
  return found;
}

template <class F, class M>
std::optional<std::string> assign(const F& f, M& member, const ConfigValue& value) {
  if constexpr (std::is_same_v<M, bool>) {
    const bool* given = std::get_if<bool>(&value);
    if (given == nullptr) return "must be true or false";
    member = *given;
  } else if constexpr (NamedEnum<M>) {
    const std::string* given = std::get_if<std::string>(&value);
    const auto found = given == nullptr ? std::nullopt : enum_of<M>(*given);
    if (!found) return "must be one of " + type_of<M>();
    member = *found;
  } else if constexpr (std::is_same_v<M, std::int64_t>) {
    const std::int64_t* given = std::get_if<std::int64_t>(&value);
    if (given == nullptr) return "must be a whole number";
    if (*given < f.min || *given > f.max) {
      return "must be between " + std::to_string(f.min) + " and " + std::to_string(f.max);
    }
    member = *given;
  } else if constexpr (kIsVector<M>) {
    const auto* given = std::get_if<std::vector<std::string>>(&value);
    if (given == nullptr) return "must be a list of texts";
    if (given->size() > f.size_max)
      return "has more than " + std::to_string(f.size_max) + " entries";
    member = *given;
  } else {
    const std::string* given = std::get_if<std::string>(&value);
    if (given == nullptr) return "must be text";
    if (given->size() > f.size_max)
      return "is longer than " + std::to_string(f.size_max) + " bytes";
    member = *given;
  }
  return std::nullopt;
}

}  // namespace

const std::vector<SettingInfo>& all_settings() {
  static const std::vector<SettingInfo> table = make_table();
  return table;
}

std::optional<std::string> set_setting(Settings& settings,
                                       std::string_view path,
                                       const ConfigValue& value) {
  std::optional<std::string> problem;
  const bool found = with_setting(settings, path, [&](const auto& f, auto& part) {
    problem = assign(f, part.*(f.member), value);
  });
  if (!found) return "there is no such setting";
  return problem;
}

std::string setting_text(const Settings& settings, std::string_view path) {
  std::string out;
  with_setting(settings, path,
               [&](const auto& f, const auto& part) { out = text_of(part.*(f.member)); });
  return path == "db" ? without_password(out) : out;
}

}  // namespace stardrop::app
