// What things look like in answers.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/time.h"
#include "ledger/access_key.h"
#include "ledger/account.h"
#include "ledger/edition.h"
#include "ledger/ids.h"
#include "market/gift.h"
#include "market/money_view.h"
#include "market/text.h"

namespace stardrop::api {

/// When the thing with this id was made.
template <class Kind>
Instant made_at(Kind id) {
  return Instant{ledger::made_ms(id) * 1000};
}

/// An edition as everybody sees it.
struct EditionView {
  EditionId id;
  std::string slug;
  std::string title;
  Stars stars;
  std::optional<std::int64_t> supply;
  std::int64_t sold = 0;
  std::int64_t reserved = 0;
  std::optional<std::int64_t> left;
  bool sold_out = false;
  Instant first_sale_at;
  Instant last_sale_at;
  Instant sold_out_at;
  std::optional<std::int64_t> per_account;
  Stars convert_stars;
  Instant sale_opens_at;
  Instant sale_ends_at;
  Instant early_opens_at;
  std::int64_t early_account_age_s = 0;
  std::int64_t account_age_s = 0;
  bool premium_only = false;
  bool birthday = false;
  AccountId publisher;
  std::vector<std::string> tags;
  std::int64_t waiting = 0;
  std::int64_t version = 0;

  static EditionView of(const ledger::Edition& row) {
    EditionView out;
    out.id = row.id;
    out.slug = row.slug;
    out.title = row.title;
    out.stars = row.stars;
    out.supply = row.supply;
    out.sold = row.sold;
    out.reserved = row.reserved;
    if (row.limited()) out.left = row.left();
    out.sold_out = row.sold_out();
    out.first_sale_at = row.first_sale_at;
    out.last_sale_at = row.last_sale_at;
    out.sold_out_at = row.sold_out_at;
    out.per_account = row.per_account;
    out.convert_stars = row.convert_stars;
    out.sale_opens_at = row.sale_opens_at;
    out.sale_ends_at = row.sale_ends_at;
    out.early_opens_at = row.early_opens_at;
    out.early_account_age_s = row.early_account_age_s;
    out.account_age_s = row.account_age_s;
    out.premium_only = row.premium_only;
    out.birthday = row.birthday;
    out.publisher = row.publisher;
    out.tags = row.tags;
    out.waiting = row.waiting;
    out.version = row.version;
    return out;
  }

  static constexpr auto fields() {
    using V = EditionView;
    return std::tuple(
        field("id", &V::id, "The edition."), field("slug", &V::slug, "Its short name."),
        field("title", &V::title, "Its name."), field("stars", &V::stars, "Price in whole Stars."),
        field("supply", &V::supply, "How many will ever be; null is unlimited."),
        field("sold", &V::sold, "Gifts sold and not refunded."),
        field("reserved", &V::reserved, "Gifts kept for open reservations."),
        field("left", &V::left, "Gifts anybody may buy now; null is unlimited."),
        field("sold_out", &V::sold_out, "Whether nothing is left."),
        field("first_sale_at", &V::first_sale_at, "When the first was sold."),
        field("last_sale_at", &V::last_sale_at, "When the latest was sold."),
        field("sold_out_at", &V::sold_out_at, "When the last of the supply was sold."),
        field("per_account", &V::per_account, "How many one account may buy; null is no cap."),
        field("convert_stars", &V::convert_stars, "What converting one back gives."),
        field("sale_opens_at", &V::sale_opens_at, "Before it nobody can buy."),
        field("sale_ends_at", &V::sale_ends_at, "From then on nobody can buy."),
        field("early_opens_at", &V::early_opens_at, "When older accounts may begin to buy."),
        field("early_account_age_s", &V::early_account_age_s,
              "What makes an account an older one."),
        field("account_age_s", &V::account_age_s, "Least age of a buyer, in seconds."),
        field("premium_only", &V::premium_only, "Whether only premium accounts may buy."),
        field("birthday", &V::birthday, "Whether it is shown for birthdays."),
        field("publisher", &V::publisher, "The account that released it."),
        field("tags", &V::tags, "Words to find it by."),
        field("waiting", &V::waiting, "Accounts on the waiting list."),
        field("version", &V::version, "Grows with every change."));
  }
};

/// A received gift. What the giver hid is absent for everybody but the owner.
struct GiftView {
  GiftId id;
  EditionId edition;
  AccountId owner;
  AccountId from;
  std::optional<std::int64_t> serial;
  market::Money paid;
  market::GiftState state = market::GiftState::received;
  bool hide_name = false;
  std::optional<std::string> text;
  std::vector<market::Entity> entities;
  TransferId transfer;
  Instant reversible_until;
  Instant created;

  static constexpr auto fields() {
    using V = GiftView;
    return std::tuple(
        field("id", &V::id, "The gift."), field("edition", &V::edition, "Its edition."),
        field("owner", &V::owner, "Who has it."),
        field("from", &V::from, "Who gave it; null if that is hidden from you."),
        field("serial", &V::serial, "Its number in order of sale; null if unlimited."),
        field("paid", &V::paid, "What it cost."), field("state", &V::state, "Where it stands."),
        field("hide_name", &V::hide_name, "Whether only the owner sees who gave it."),
        field("text", &V::text, "The words that came with it."),
        field("entities", &V::entities, "Styled parts of the text."),
        field("transfer", &V::transfer, "The transfer that paid for it."),
        field("reversible_until", &V::reversible_until,
              "Until when a payment behind it can be taken back; null if it is final."),
        field("created", &V::created, "When it was bought."));
  }
};

/// An account as those see it who may act for it.
struct AccountView {
  AccountId id;
  ledger::AccountKind kind = ledger::AccountKind::user;
  std::optional<std::string> name;
  bool premium = false;
  bool erased = false;
  AccountId app;
  market::Balances balances;
  std::string owed;
  std::string reversible;
  std::int64_t gifts = 0;
  Instant created;

  static AccountView of(const ledger::Account& row, std::optional<std::string> name) {
    AccountView out;
    out.id = row.id;
    out.kind = row.kind;
    out.name = std::move(name);
    out.premium = row.premium;
    out.erased = row.erased;
    out.app = row.app;
    out.balances = market::Balances::of(row);
    out.owed = row.owed.text();
    out.reversible = row.reversible.text();
    out.gifts = row.gifts;
    if (!ledger::is_system_account(row.id)) out.created = made_at(row.id);
    return out;
  }

  static constexpr auto fields() {
    using V = AccountView;
    return std::tuple(
        field("id", &V::id, "The account."), field("kind", &V::kind, "Whose it is."),
        field("name", &V::name, "What it is called; null if it has no name or was erased."),
        field("premium", &V::premium, "Whether it may buy premium-only editions."),
        field("erased", &V::erased, "Whether its personal data was destroyed."),
        field("app", &V::app, "The bot account whose key made it."),
        field("balances", &V::balances, "By currency."),
        field("owed", &V::owed, "Stars it owes from reversed payments."),
        field("reversible", &V::reversible, "Stars whose payment can still be taken back."),
        field("gifts", &V::gifts, "Gifts it ever received."),
        field("created", &V::created, "When it was opened."));
  }
};

/// What a key is, without its secret.
struct KeyFacts {
  KeyId id;
  ledger::KeyKind kind = ledger::KeyKind::user_token;
  AccountId account;
  std::vector<ledger::Scope> scopes;
  std::string label;
  Instant expires_at;

  static constexpr auto fields() {
    using V = KeyFacts;
    return std::tuple(
        field("id", &V::id, "The key."), field("kind", &V::kind, "Whose it is."),
        field("account", &V::account, "The app's bot account, or the user's."),
        field("scopes", &V::scopes, "What it may be used for."),
        field("label", &V::label, "What its owner calls it."),
        field("expires_at", &V::expires_at, "When it ends by itself; null is never."));
  }
};

}  // namespace stardrop::api
