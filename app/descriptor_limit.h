// Files and connections a process may have open.
#pragma once

namespace stardrop::app {

/// As many descriptors as connections need, as far as the system lets us.
void raise_descriptor_limit();

}  // namespace stardrop::app
