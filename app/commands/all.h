// THE list of command groups; each adds its commands to the tree.
#pragma once

#include "app/cli/command_tree.h"

namespace stardrop::app {

void add_serve_command(CommandTree& tree);
void add_database_commands(CommandTree& tree);  // init, migrate
void add_proof_commands(CommandTree& tree);     // audit, verify, replay
void add_backup_commands(CommandTree& tree);    // backup, restore
void add_catalog_commands(CommandTree& tree);
void add_account_commands(CommandTree& tree);
void add_key_commands(CommandTree& tree);
void add_drop_commands(CommandTree& tree);
void add_ledger_commands(CommandTree& tree);
void add_simulate_command(CommandTree& tree);
void add_bench_command(CommandTree& tree);
void add_doctor_command(CommandTree& tree);
void add_config_commands(CommandTree& tree);
void add_completion_command(CommandTree& tree);

/// All of them, in the order of the help.
void add_all_commands(CommandTree& tree);

}  // namespace stardrop::app
