// THE list of routes.
#include <vector>

#include "api/batch_route.h"
#include "api/command_route.h"
#include "api/edition_routes.h"
#include "api/live_routes.h"
#include "api/queries/account.h"
#include "api/queries/gifts.h"
#include "api/queries/transactions.h"
#include "api/query_route.h"
#include "api/system_routes.h"

namespace stardrop::api {
namespace {

using ledger::Scope;

Route plain(std::string_view pattern,
            std::string_view operation,
            std::string_view summary,
            void (*run)(Call&),
            Access access = Access::everyone) {
  Route route;
  route.pattern = pattern;
  route.operation = operation;
  route.summary = summary;
  route.run = run;
  route.access = access;
  return route;
}

Route with_schemas(Route route, std::string (*query)(), std::string (*answer)()) {
  route.query_schema = query;
  route.answer_schema = answer;
  return route;
}

Route operator_only(Route route) {
  route.access = Access::operator_only;
  return route;
}

/// Sets the tag of a group of routes.
void add(std::vector<Route>& into, std::string_view tag, std::vector<Route> group) {
  for (Route& route : group) {
    route.tag = tag;
    into.push_back(std::move(route));
  }
}

Route batch() {
  Route route = plain("/v1/batch", "batch", "Up to 1000 commands, each with its own result.",
                      &run_batch, Access::scoped);
  route.method = http::Method::post;
  route.request_schema = &batch_request_schema;
  route.answer_schema = &batch_answer_schema;
  return route;
}

std::vector<Route> make_routes() {
  using namespace market;  // the commands
  std::vector<Route> out;
  // The busiest first: they are looked for in this order.
  add(out, "Gifts",
      {post<SendGift>("/v1/gifts", Scope::gifts, "Buy a gift for yourself or somebody else.", 201),
       get<GetGift>("/v1/gifts/{gift}", "get_gift", "A gift."),
       get<ListGifts>("/v1/accounts/{account}/gifts", "list_gifts",
                      "The gifts an account received, newest first.")});
  add(out, "Batch", {batch()});
  add(out, "Editions",
      {with_schemas(plain("/v1/editions", "list_editions", "The catalogue.", &list_editions),
                    &request_schema<ListEditions>, &list_schema<EditionView>),
       with_schemas(plain("/v1/editions/{edition}", "get_edition", "An edition.", &get_edition),
                    &request_schema<GetEdition>, &answer_schema<EditionView>),
       operator_only(
           post<CreateEdition>("/v1/editions", Scope::catalog, "Publish an edition.", 201))});
  add(out, "Accounts",
      {post<CreateAccount>("/v1/accounts", Scope::accounts, "Open an account.", 201),
       get<GetAccount>("/v1/accounts/{account}", "get_account", "An account with its balances."),
       get<ListTransactions>("/v1/accounts/{account}/transactions", "list_transactions",
                             "An account's history, newest first.")});
  add(out, "Stars",
      {post<TopUp>("/v1/top-ups", Scope::top_ups, "Credit Stars that were bought.", 201)});
  add(out, "Keys", {post<CreateKey>("/v1/keys", Scope::keys, "Make a key or a token.", 201)});
  add(out, "Live",
      {with_schemas(plain("/v1/stream", "stream", "WebSocket of what happens.", &open_stream),
                    &request_schema<WatchQuery>, nullptr),
       with_schemas(
           plain("/v1/events", "events", "Server-sent events of what happens.", &open_events),
           &request_schema<WatchQuery>, nullptr)});
  add(out, "System",
      {plain("/livez", "livez", "Whether the process runs.", &livez),
       plain("/readyz", "readyz", "Whether requests can be carried out.", &readyz),
       plain("/metrics", "metrics", "Prometheus metrics.", &metrics)});
  return out;
}

}  // namespace

std::span<const Route> all_routes() {
  static const std::vector<Route> routes = make_routes();
  return routes;
}

}  // namespace stardrop::api
