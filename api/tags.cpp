// What groups of routes are about.
#include "api/tags.h"

#include <map>

namespace stardrop::api {

std::string_view about_tag(std::string_view tag) {
  static const std::map<std::string_view, std::string_view> sentences{
      {"Gifts", "Buying gifts, undoing a purchase, and what an account received."},
      {"Batch", "Many commands in one request."},
      {"Editions", "The catalogue: what is sold, how many of it, when and to whom."},
      {"Waiting list", "Standing in line for what is sold out."},
      {"Reservations", "Keeping a gift while somebody pays elsewhere."},
      {"Accounts", "Users, bots and channels, their balances and history."},
      {"Stars", "Stars that come in, move, are set aside and are taken back."},
      {"Keys", "What lets operators, apps and users in."},
      {"Settings", "The rules' switches and limits."},
      {"Live", "What happens, as it happens."},
      {"System", "Health, metrics, the audit and this description."},
      {"Development", "A clock that obeys and Stars for nothing; only under --dev."}};
  const auto found = sentences.find(tag);
  return found == sentences.end() ? tag : found->second;
}

}  // namespace stardrop::api
