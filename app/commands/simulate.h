// `simulate`, apart from its options, so that tests can make something fail.
#pragma once

#include "app/cli/console.h"
#include "app/exit_code.h"
#include "app/simulation/campaign.h"

namespace stardrop::app {

/// Runs the campaign in a folder that is removed, with a bar; prints the summary, and what fails.
ExitCode run_campaign(Console& console, simulation::Campaign campaign, bool json);

}  // namespace stardrop::app
