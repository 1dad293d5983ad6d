// THE list of routes.
#include <algorithm>
#include <vector>

#include "api/batch_route.h"
#include "api/command_route.h"
#include "api/dev_clock.h"
#include "api/dev_routes.h"
#include "api/edition_routes.h"
#include "api/live_routes.h"
#include "api/queries/account.h"
#include "api/queries/availability.h"
#include "api/queries/gifts.h"
#include "api/queries/keys.h"
#include "api/queries/money.h"
#include "api/queries/reservation.h"
#include "api/queries/transactions.h"
#include "api/query_route.h"
#include "api/system_routes.h"
#include "engine/audit.h"

namespace stardrop::api {
namespace {

using ledger::Scope;

constexpr std::string_view kText = "text/plain";
constexpr std::string_view kHtmlMedia = "text/html";

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

Route answering(std::string_view media_type, Route route) {
  route.answer_type = media_type;
  return route;
}

/// Everybody may watch editions; who watches accounts needs a key.
Route live(Route route) {
  route.query_schema = &request_schema<WatchQuery>;
  route.key_optional = true;
  return route;
}

Route websocket(Route route) {
  route.success = 101;
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

Route audit_route() {
  Route route = plain("/v1/audit", "audit", "Recompute every invariant from all rows.", &audit,
                      Access::operator_only);
  route.scope = Scope::audit;
  route.answer_schema = &answer_schema<engine::AuditReport>;
  return route;
}

/// What only a development server has.
std::vector<Route> dev_routes() {
  Route clock = plain("/v1/dev/clock", "read_dev_clock", "The test clock.", &read_dev_clock,
                      Access::operator_only);
  clock.answer_schema = &answer_schema<ClockReading>;
  Route move = plain("/v1/dev/clock", "move_dev_clock",
                     "Move the clock forward; what is due until then has happened when it answers.",
                     &move_dev_clock, Access::operator_only);
  move.method = http::Method::post;
  move.scope = Scope::catalog;
  move.request_schema = &request_schema<MoveClock>;
  move.answer_schema = &answer_schema<ClockReading>;
  Route faucet = plain("/v1/dev/faucet", "faucet", "Stars for nothing: a top-up nobody paid for.",
                       &run_faucet, Access::operator_only);
  faucet.method = http::Method::post;
  faucet.scope = Scope::top_ups;
  faucet.success = 201;
  faucet.key_required = true;
  faucet.request_schema = &request_schema<Faucet>;
  faucet.answer_schema = &answer_schema<AnswerOf<market::TopUp>::Type, true>;  // it says when
  std::vector<Route> out{clock, move, faucet};
  for (Route& route : out) route.dev = true;
  return out;
}

std::vector<Route> make_routes() {
  using namespace market;  // the commands
  std::vector<Route> out;
  // The busiest first: they are looked for in this order.
  add(out, "Gifts",
      {post<SendGift>("/v1/gifts", Scope::gifts, "Buy a gift for yourself or somebody else.", 201),
       operator_only(post<RefundGift>("/v1/gifts/{gift}/refund", Scope::top_ups,
                                      "Undo a purchase: Stars and stock go back.")),
       get<GetGift>("/v1/gifts/{gift}", "get_gift", "A gift."),
       get<ListGifts>("/v1/accounts/{account}/gifts", "list_gifts",
                      "The gifts an account received, newest first.")});
  add(out, "Batch", {batch()});
  add(out, "Editions",
      {with_schemas(plain("/v1/editions", "list_editions", "The catalogue.", &list_editions),
                    &request_schema<ListEditions>, &list_schema<EditionView>),
       with_schemas(plain("/v1/editions/{edition}", "get_edition", "An edition.", &get_edition),
                    &request_schema<GetEdition>, &answer_schema<EditionView>),
       get<GetAvailability>(
           "/v1/editions/{edition}/availability", "get_availability",
           "Every rule of the sale, its value, pass or fail, and when it changes."),
       operator_only(
           post<CreateEdition>("/v1/editions", Scope::catalog, "Publish an edition.", 201)),
       operator_only(post<UpdateEdition>("/v1/editions/{edition}", Scope::catalog,
                                         "Change the terms of an edition.")),
       operator_only(post<ImportCatalog>("/v1/catalog", Scope::catalog,
                                         "Import a catalogue, all or nothing, repeatable."))});
  add(out, "Waiting list",
      {post<JoinWaitlist>("/v1/editions/{edition}/waitlist", Scope::gifts,
                          "Wait for a gift that comes back.", 201),
       post<LeaveWaitlist>("/v1/editions/{edition}/waitlist/leave", Scope::gifts, "Stop waiting."),
       get<GetWaitlistPlace>("/v1/editions/{edition}/waitlist", "get_waitlist_place",
                             "Where an account stands in line.")});
  add(out, "Reservations",
      {post<ReserveGift>("/v1/editions/{edition}/reservations", Scope::gifts,
                         "Keep a gift for a checkout that pays elsewhere.", 201),
       post<UseReservation>("/v1/reservations/{reservation}/use", Scope::gifts,
                            "Buy the gift that is kept.", 201),
       post<ReleaseReservation>("/v1/reservations/{reservation}/release", Scope::gifts,
                                "Give the gift back."),
       get<GetReservation>("/v1/reservations/{reservation}", "get_reservation", "A reservation.")});
  add(out, "Accounts",
      {post<CreateAccount>("/v1/accounts", Scope::accounts, "Open an account.", 201),
       get<GetAccount>("/v1/accounts/{account}", "get_account", "An account with its balances."),
       post<UpdateAccount>("/v1/accounts/{account}", Scope::accounts, "Change an account."),
       post<EraseAccount>("/v1/accounts/{account}/erase", Scope::accounts,
                          "Destroy an account's personal data for good."),
       get<ListTransactions>("/v1/accounts/{account}/transactions", "list_transactions",
                             "An account's history, newest first.")});
  add(out, "Stars",
      {post<TopUp>("/v1/top-ups", Scope::top_ups, "Credit Stars that were bought.", 201),
       get<GetTopUp>("/v1/top-ups/{top_up}", "get_top_up", "A top-up."),
       operator_only(post<ReverseTopUp>("/v1/top-ups/{top_up}/reverse", Scope::top_ups,
                                        "The payment was taken back.")),
       operator_only(post<ReportReversal>("/v1/reversals", Scope::top_ups,
                                          "A provider took a payment back, known or not yet.")),
       post<TransferStars>("/v1/transfers", Scope::stars, "Give Stars to another account.", 201),
       get<GetTransfer>("/v1/transfers/{transfer}", "get_transfer", "A transfer."),
       post<RefundTransfer>("/v1/transfers/{transfer}/refund", Scope::stars,
                            "Give a transfer back to who paid it."),
       post<PlaceHold>("/v1/holds", Scope::stars, "Set Stars aside.", 201),
       get<GetHold>("/v1/holds/{hold}", "get_hold", "A hold."),
       post<CaptureHold>("/v1/holds/{hold}/capture", Scope::stars, "Take what is set aside."),
       post<ReleaseHold>("/v1/holds/{hold}/release", Scope::stars, "Give it back.")});
  add(out, "Keys",
      {post<CreateKey>("/v1/keys", Scope::accounts, "Make a key or a token.", 201),
       post<RevokeKey>("/v1/keys/{key}/revoke", Scope::accounts, "Take a key back."),
       operator_only(get<ListKeys>("/v1/keys", "list_keys", "Keys, without their secrets."))});
  add(out, "Settings",
      {operator_only(post<Configure>("/v1/settings", Scope::catalog,
                                     "Put the rules' settings in force, all at once."))});
  add(out, "Live",
      {websocket(live(plain("/v1/stream", "stream", "WebSocket of what happens.", &open_stream))),
       live(answering(
           "text/event-stream",
           plain("/v1/events", "events", "Server-sent events of what happens.", &open_events)))});
  add(out, "System",
      {answering(kText, plain("/livez", "livez", "Whether the process runs.", &livez)),
       answering(kText,
                 plain("/readyz", "readyz", "Whether requests can be carried out.", &readyz)),
       answering(kText, plain("/metrics", "metrics", "Prometheus metrics.", &metrics)),
       audit_route(),
       answering("application/json",
                 plain("/openapi.json", "openapi", "This API for tools, OpenAPI 3.1.", &openapi)),
       answering("application/json", plain("/openapi-3.0.json", "openapi_3_0",
                                           "The same as OpenAPI 3.0.", &openapi_3_0)),
       answering(kHtmlMedia, plain("/docs", "docs", "This API for people.", &docs)),
       answering(kHtmlMedia,
                 plain("/docs/errors", "docs_errors", "Every refusal.", &docs_errors))});
  add(out, "Development", dev_routes());
  return out;
}

}  // namespace

std::span<const Route> all_routes(bool dev) {
  static const std::vector<Route> routes = make_routes();
  if (dev) return routes;
  const auto first_dev = std::ranges::find_if(routes, [](const Route& route) { return route.dev; });
  return {routes.begin(), first_dev};
}

}  // namespace stardrop::api
