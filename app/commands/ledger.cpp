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
}

}  // namespace stardrop::app
