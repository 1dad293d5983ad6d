// The words that come with a gift: what is allowed, and how they are kept.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/result.h"

namespace stardrop::market {

/// How a part of the text looks: the kinds Telegram allows in gift texts.
enum class EntityKind : std::uint8_t {
  bold,
  italic,
  underline,
  strikethrough,
  spoiler,
  custom_emoji,
  date_time,
};
constexpr auto enum_names(EntityKind) {
  return std::array<std::string_view, 7>{"bold",    "italic",       "underline", "strikethrough",
                                         "spoiler", "custom_emoji", "date_time"};
}

/// A styled part of the text. Offsets count UTF-16 code units, as in the Bot API's MessageEntity.
struct Entity {
  EntityKind type = EntityKind::bold;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  std::optional<std::string> custom_emoji_id;
  std::optional<std::int64_t> unix_time;

  static constexpr auto fields() {
    return std::tuple(
        field("type", &Entity::type, "How it looks."),
        field("offset", &Entity::offset, "Where it begins, in UTF-16 code units.")
            .between(0, 65535),
        field("length", &Entity::length, "How long it is, in UTF-16 code units.").between(1, 65535),
        field("custom_emoji_id", &Entity::custom_emoji_id, "Only for custom_emoji: which.")
            .at_most(64),
        field("unix_time", &Entity::unix_time, "Only for date_time: when."));
  }
};

/// Most entities of one text.
inline constexpr std::size_t kEntitiesMax = 100;

/// Text and its entities, as they are sealed.
struct GiftWords {
  std::string text;
  std::vector<Entity> entities;

  static constexpr auto fields() {
    return std::tuple(field("text", &GiftWords::text, "The text."),
                      field("entities", &GiftWords::entities, "Its styled parts."));
  }
};

/// Number of Unicode characters of valid UTF-8.
std::int64_t characters_of(std::string_view utf8) noexcept;

/// Checks text and entities. Characters that hide or reorder others (controls, bidirectional
/// overrides) and lone combining floods are refused.
/// Refused with, in this order: text_too_long, text_invalid.
Status check_words(std::string_view text,
                   const std::vector<Entity>& entities,
                   std::int64_t characters_max);

}  // namespace stardrop::market
