// Brings a whole catalogue in.
#include "market/commands/import_catalog.h"

#include <set>

#include "market/rules/edition_change.h"

namespace stardrop::market {
namespace {

/// The refusal of an entry names the entry.
Error of_entry(Error error, std::size_t index) {
  std::string param = "editions." + std::to_string(index);
  if (!error.param_name().empty()) param += '.' + std::string(error.param_name());
  return std::move(error).param(std::move(param));
}

}  // namespace

Status ImportCatalog::validate(const RuleSettings& settings) const {
  std::set<std::string> slugs;
  for (std::size_t i = 0; i < editions.size(); ++i) {
    Status status = editions[i].check(settings);
    if (!status) return of_entry(std::move(status).error(), i);
    std::string slug = editions[i].final_slug();
    if (!slugs.insert(slug).second) {
      return of_entry(Error(ErrorCode::slug_taken).param("slug").with("slug", std::move(slug)), i);
    }
  }
  return done();
}

void ImportCatalog::prefetch(Prefetch& rows) const {
  for (const EditionTerms& terms : editions) {
    const auto* const known = rows.want<ledger::EditionSlug>(ledger::slug_key(terms.final_slug()));
    if (known != nullptr) ledger::Stock::prefetch_terms(rows, known->edition);
    if (terms.publisher.is_set()) rows.want<ledger::Account>(terms.publisher);
  }
}

Result<ImportCatalog::Reply> ImportCatalog::apply(Context& context) const {
  STARDROP_TRY(context.only_operator());
  Reply reply;
  for (std::size_t i = 0; i < editions.size(); ++i) {
    const EditionTerms& terms = editions[i];
    const auto known = context.find<ledger::EditionSlug>(ledger::slug_key(terms.final_slug()));
    if (!known) {
      Status may = terms.may_publish(context);
      if (!may) return of_entry(std::move(may).error(), i);
      terms.publish(context);
      ++reply.created;
      continue;
    }
    const ledger::Edition before = *context.find<ledger::Edition>(known->edition);
    ledger::Edition after = before;
    terms.write_to(after);
    if (same_terms(before, after)) {
      ++reply.unchanged;
      continue;
    }
    Status allowed = check_change(before, after);
    if (!allowed) return of_entry(std::move(allowed).error(), i);
    change_edition(context, before, std::move(after));
    ++reply.updated;
  }
  return reply;
}

}  // namespace stardrop::market
