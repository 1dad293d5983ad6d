// Publishes an edition.
#include "market/commands/create_edition.h"

#include "market/text.h"

namespace stardrop::market {
namespace {

constexpr std::int64_t kTitleCharactersMax = 64;
constexpr std::size_t kTagBytesMax = 32;

bool is_slug_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// `Cherry Blossom` becomes `cherry-blossom`; letters outside ASCII are left out.
std::string slug_of(std::string_view title) {
  std::string out;
  for (const char c : title) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (is_slug_letter(lower)) {
      out += lower;
    } else if (!out.empty() && out.back() != '-' && static_cast<unsigned char>(c) < 0x80) {
      out += '-';
    }
  }
  if (out.size() > 64) out.resize(64);
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

bool is_slug(std::string_view slug) {
  if (slug.empty() || slug.size() > 64 || slug.front() == '-' || slug.back() == '-') return false;
  for (const char c : slug) {
    if (!is_slug_letter(c) && c != '-') return false;
  }
  return true;
}

}  // namespace

std::string EditionTerms::final_slug() const { return slug.empty() ? slug_of(title) : slug; }

Status EditionTerms::check(const RuleSettings& settings) const {
  if (title.empty()) return Error(ErrorCode::text_invalid).param("title");
  Status words = check_words(title, {}, kTitleCharactersMax);
  if (!words) return std::move(words).error().param("title");
  if (!is_slug(final_slug())) {
    return Error(ErrorCode::invalid_value)
        .param("slug")
        .detail("A slug is 1 to 64 of a-z, 0-9 and -, not at its ends.");
  }
  for (const std::string& tag : tags) {
    if (tag.empty() || tag.size() > kTagBytesMax || !check_words(tag, {}, 32)) {
      return Error(ErrorCode::invalid_value)
          .param("tags")
          .detail("A tag is 1 to 32 bytes of text.");
    }
  }
  if (stars > Stars::whole(settings.gift_stars_max)) {
    return Error(ErrorCode::amount_out_of_range)
        .param("stars")
        .with("max", settings.gift_stars_max);
  }
  if (convert_stars > stars) {
    return Error(ErrorCode::amount_out_of_range)
        .param("convert_stars")
        .with("max", stars.whole_part());
  }
  if (sale_ends_at.is_set() && sale_ends_at <= sale_opens_at) {
    return Error(ErrorCode::window_invalid).param("sale_ends_at");
  }
  if (early_opens_at.is_set() && early_opens_at >= sale_opens_at) {
    return Error(ErrorCode::window_invalid)
        .param("early_opens_at")
        .detail("The early opening comes before sale_opens_at.");
  }
  return done();
}

void EditionTerms::write_to(ledger::Edition& row) const {
  row.slug = final_slug();
  row.title = title;
  row.stars = stars;
  row.supply = supply;
  row.per_account = per_account;
  row.convert_stars = convert_stars;
  row.sale_opens_at = sale_opens_at;
  row.sale_ends_at = sale_ends_at;
  row.early_opens_at = early_opens_at;
  row.early_account_age_s = early_account_age_s;
  row.account_age_s = account_age_s;
  row.premium_only = premium_only;
  row.birthday = birthday;
  row.publisher = publisher;
  row.tags = tags;
}

EditionTerms EditionTerms::of(const ledger::Edition& row) {
  EditionTerms terms;
  terms.slug = row.slug;
  terms.title = row.title;
  terms.stars = row.stars;
  terms.supply = row.supply;
  terms.per_account = row.per_account;
  terms.convert_stars = row.convert_stars;
  terms.sale_opens_at = row.sale_opens_at;
  terms.sale_ends_at = row.sale_ends_at;
  terms.early_opens_at = row.early_opens_at;
  terms.early_account_age_s = row.early_account_age_s;
  terms.account_age_s = row.account_age_s;
  terms.premium_only = row.premium_only;
  terms.birthday = row.birthday;
  terms.publisher = row.publisher;
  terms.tags = row.tags;
  return terms;
}

Status EditionTerms::may_publish(const Context& context) const {
  if (!publisher.is_set()) return done();
  auto account = context.receiver(publisher);
  if (!account) return std::move(account).error().param("publisher");
  return done();
}

EditionId EditionTerms::publish(Context& context) const {
  ledger::Edition row;
  row.id = context.next_id<EditionId>();
  row.version = 1;
  write_to(row);
  const EditionId id = row.id;
  const PairKey key = ledger::slug_key(row.slug);
  context.put(ledger::EditionSlug{key.first, key.second, id});
  context.put(std::move(row));
  context.emit({.kind = EventKind::edition_created, .edition = id});
  return id;
}

Status CreateEdition::validate(const RuleSettings& settings) const { return check(settings); }

void CreateEdition::prefetch(Prefetch& rows) const {
  rows.want<ledger::EditionSlug>(ledger::slug_key(final_slug()));
  if (publisher.is_set()) rows.want<ledger::Account>(publisher);
}

Result<CreateEdition::Reply> CreateEdition::apply(Context& context) const {
  STARDROP_TRY(context.only_operator());
  STARDROP_TRY(may_publish(context));
  if (context.find<ledger::EditionSlug>(ledger::slug_key(final_slug()))) {
    return Error(ErrorCode::slug_taken).param("slug").with("slug", final_slug());
  }

  // From here on the command succeeds.
  return Reply{publish(context), final_slug()};
}

}  // namespace stardrop::market
