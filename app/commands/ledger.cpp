// `ledger`: Stars come in, go back, change hands, are held.
#include "app/commands/all.h"
#include "app/remote/engine_command.h"
#include "market/commands/all.h"

namespace stardrop::app {

void add_ledger_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      tree.root(), "ledger",
      {"move Stars",
       "Every movement is a transfer with two sides and can be sent again safely under the same\n"
       "--idempotency-key.",
       {"ledger top-up --account acc_01h2… --stars 1000 --provider app_store --reference ch_1"}});
  add_engine_command(
      tree, group, "top-up",
      {"credit Stars that were bought",
       "A payment is known by provider and reference: the same one never counts twice.",
       {"ledger top-up --account acc_01h2… --stars 1000 --provider app_store --reference ch_1 "
        "--reversible-until 2030-01-01T00:00:00Z"}},
      {"top_up", params_of<market::TopUp>(), {}, {}});
  add_engine_command(tree, group, "reverse",
                     {"take a top-up back",
                      "What was spent meanwhile is owed from then on; nobody else loses anything.",
                      {"ledger reverse top_01h2…"}},
                     {"reverse_top_up", params_of<market::ReverseTopUp>(), {"top_up"}, {}});
  add_engine_command(
      tree, group, "report-reversal",
      {"say that a provider took a payment back",
       "Known by provider and reference. If the payment has not come yet, the report waits for it.",
       {"ledger report-reversal --provider app_store --reference ch_1"}},
      {"report_reversal", params_of<market::ReportReversal>(), {}, {}});
  add_engine_command(tree, group, "transfer",
                     {"give Stars from one account to another",
                      "A payment that can still be taken back goes along with its date.",
                      {"ledger transfer --from acc_01h2… --to acc_01h3… --stars 100"}},
                     {"transfer_stars", params_of<market::TransferStars>(), {}, {}});
  add_engine_command(
      tree, group, "hold",
      {"set Stars of an account aside",
       "Held Stars can't be spent until they are captured or released, or the hold ends.",
       {"ledger hold --account acc_01h2… --stars 100"}},
      {"place_hold", params_of<market::PlaceHold>(), {}, {}});
  add_engine_command(tree, group, "capture",
                     {"pay somebody from a hold",
                      "All of it, or --stars of it; the rest goes back to its owner.",
                      {"ledger capture hld_01h2… --to acc_01h3…"}},
                     {"capture_hold", params_of<market::CaptureHold>(), {"hold"}, {}});
  add_engine_command(tree, group, "release",
                     {"give a hold back to its owner",
                      "Releasing what is closed is refused with hold_closed.",
                      {"ledger release hld_01h2…"}},
                     {"release_hold", params_of<market::ReleaseHold>(), {"hold"}, {}});
}

}  // namespace stardrop::app
