// What may be changed of an edition once it is published.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Whether two states of an edition have the same terms.
bool same_terms(const ledger::Edition& a, const ledger::Edition& b);

/// Promises that are kept: a limited edition never grows and an unlimited one never becomes
/// limited, since scarcity is what was sold; supply may shrink down to what is sold, reserved or
/// numbered already. A cap per account can change but not go, and can only come before the first
/// sale: sales before it were not counted. Slug and publisher stay.
/// Refused with, in this order: invalid_value (slug, publisher, per_account), amount_out_of_range
/// (supply).
Status check_change(const ledger::Edition& before, const ledger::Edition& after);

/// Writes changed terms and tells everybody, also if a smaller supply makes the edition sold out.
void change_edition(Context& context, const ledger::Edition& before, ledger::Edition after);

}  // namespace stardrop::market
