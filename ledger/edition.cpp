// Keys of editions.
#include "ledger/edition.h"

#include "base/digest_key.h"

namespace stardrop::ledger {

PairKey slug_key(std::string_view slug) { return digest_key("edition", slug); }

}  // namespace stardrop::ledger
