// Rules for the words that come with a gift.
#include "market/text.h"

#include <algorithm>

namespace stardrop::market {
namespace {

/// The code point at `at`, which moves behind it. The text is valid UTF-8.
char32_t next_character(std::string_view utf8, std::size_t& at) noexcept {
  const auto lead = static_cast<unsigned char>(utf8[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  char32_t value = lead & (0x3fU >> static_cast<unsigned>(more));
  for (int i = 0; i < more && at < utf8.size(); ++i) {
    value = (value << 6U) | (static_cast<unsigned char>(utf8[at++]) & 0x3fU);
  }
  return value;
}

bool is_combining(char32_t c) noexcept {
  return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x591 && c <= 0x5bd) ||
         (c >= 0x610 && c <= 0x61a) || (c >= 0x64b && c <= 0x65f) || (c >= 0xe31 && c <= 0xe3a) ||
         (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
         (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

/// Characters that make a text look different from what it is.
bool is_deceptive(char32_t c) noexcept {
  if (c < 0x20) return c != '\n';
  return (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
         c == 0x200e || c == 0x200f || c == 0x61c || c == 0x200b || c == 0x2060 || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb);
}

/// Most combining marks on one character; real scripts need fewer.
constexpr int kCombiningRunMax = 6;

Status check_entities(const std::vector<Entity>& entities, std::int64_t length_utf16) {
  if (entities.size() > kEntitiesMax) {
    return Error(ErrorCode::text_invalid).param("entities").detail("There are too many entities.");
  }
  for (const Entity& entity : entities) {
    if (entity.offset + entity.length > length_utf16) {
      return Error(ErrorCode::text_invalid)
          .param("entities")
          .detail("An entity reaches beyond the text.");
    }
    const bool emoji = entity.type == EntityKind::custom_emoji;
    const bool date = entity.type == EntityKind::date_time;
    if (emoji != entity.custom_emoji_id.has_value() || date != entity.unix_time.has_value()) {
      return Error(ErrorCode::text_invalid)
          .param("entities")
          .detail("custom_emoji needs custom_emoji_id, date_time needs unix_time, others neither.");
    }
  }
  return done();
}

}  // namespace

std::int64_t characters_of(std::string_view utf8) noexcept {
  return std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

Status check_words(std::string_view text,
                   const std::vector<Entity>& entities,
                   std::int64_t characters_max) {
  const std::int64_t characters = characters_of(text);
  if (characters > characters_max) {
    return Error(ErrorCode::text_too_long)
        .param("text")
        .with("characters_max", characters_max)
        .with("characters", characters);
  }
  std::int64_t utf16 = 0;
  int combining = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    utf16 += c >= 0x10000 ? 2 : 1;
    combining = is_combining(c) ? combining + 1 : 0;
    if (is_deceptive(c) || combining > kCombiningRunMax) {
      return Error(ErrorCode::text_invalid)
          .param("text")
          .detail("The text has control, direction or piled-up combining characters.");
    }
  }
  return check_entities(entities, utf16);
}

}  // namespace stardrop::market
