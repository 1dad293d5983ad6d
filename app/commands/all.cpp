// THE list of command groups.
#include "app/commands/all.h"

namespace stardrop::app {

void add_all_commands(CommandTree& tree) {
  add_serve_command(tree);
  add_database_commands(tree);
  add_proof_commands(tree);
  add_simulate_command(tree);
  add_backup_commands(tree);
  add_catalog_commands(tree);
  add_account_commands(tree);
  add_key_commands(tree);
  add_drop_commands(tree);
  add_ledger_commands(tree);
  add_bench_command(tree);
  add_doctor_command(tree);
  add_config_commands(tree);
  add_completion_command(tree);
}

}  // namespace stardrop::app
