// Keys, for the operator.
#include "api/queries/keys.h"

namespace stardrop::api {

Result<ListKeys::Reply> ListKeys::read(QueryContext& context) const {
  std::int64_t from = 0;
  if (!cursor.empty()) {
    STARDROP_TRY_ASSIGN(from, context.cursors.decode("keys", cursor));
  }
  Reply page;
  context.rows.walk<ledger::AccessKey>(KeyId(from), [&](const ledger::AccessKey& row) {
    if (page.data.size() == static_cast<std::size_t>(limit)) {
      page.next_cursor = context.cursors.encode("keys", row.id.value());
      return false;
    }
    page.data.push_back(
        {row.id, row.kind, row.account, row.scopes, row.label, row.expires_at, row.revoked});
    return true;
  });
  return page;
}

}  // namespace stardrop::api
