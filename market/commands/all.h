// THE list of commands.
#pragma once

#include "base/type_list.h"
#include "market/commands/capture_hold.h"
#include "market/commands/configure.h"
#include "market/commands/create_account.h"
#include "market/commands/create_edition.h"
#include "market/commands/create_key.h"
#include "market/commands/erase_account.h"
#include "market/commands/import_catalog.h"
#include "market/commands/join_waitlist.h"
#include "market/commands/lease_stock.h"
#include "market/commands/leave_waitlist.h"
#include "market/commands/place_hold.h"
#include "market/commands/refund_gift.h"
#include "market/commands/refund_transfer.h"
#include "market/commands/release_hold.h"
#include "market/commands/release_reservation.h"
#include "market/commands/report_reversal.h"
#include "market/commands/reserve_gift.h"
#include "market/commands/reverse_top_up.h"
#include "market/commands/revoke_key.h"
#include "market/commands/run_timers.h"
#include "market/commands/send_gift.h"
#include "market/commands/settle_stock.h"
#include "market/commands/top_up.h"
#include "market/commands/transfer_stars.h"
#include "market/commands/update_account.h"
#include "market/commands/update_edition.h"
#include "market/commands/use_reservation.h"

namespace stardrop::market {

using AllCommands = TypeList<CreateAccount,
                             UpdateAccount,
                             EraseAccount,
                             TopUp,
                             ReverseTopUp,
                             ReportReversal,
                             TransferStars,
                             RefundTransfer,
                             PlaceHold,
                             CaptureHold,
                             ReleaseHold,
                             CreateEdition,
                             UpdateEdition,
                             ImportCatalog,
                             SendGift,
                             RefundGift,
                             ReserveGift,
                             ReleaseReservation,
                             UseReservation,
                             JoinWaitlist,
                             LeaveWaitlist,
                             RunTimers,
                             Configure,
                             CreateKey,
                             RevokeKey,
                             LeaseStock,
                             SettleStock>;

template <class List>
inline constexpr bool kEveryCommand = false;
template <class... Types>
inline constexpr bool kEveryCommand<TypeList<Types...>> = (Command<Types> && ...);
static_assert(kEveryCommand<AllCommands>, "each entry satisfies the Command concept");

/// Whether no two commands share a number in the journal.
template <class... Types>
constexpr bool codes_are_unique(TypeList<Types...>) {
  const std::uint16_t codes[] = {Types::kCode...};
  for (std::size_t i = 0; i < sizeof...(Types); ++i) {
    for (std::size_t j = i + 1; j < sizeof...(Types); ++j) {
      if (codes[i] == codes[j]) return false;
    }
  }
  return true;
}
static_assert(codes_are_unique(AllCommands{}), "a command's number is its own");

/// Any command.
using AnyCommand = AllCommands::Variant;

template <class T>
using ReplyOf = typename T::Reply;

/// Any command's reply; the alternative has the command's index.
using AnyReply = AllCommands::Apply<std::variant, ReplyOf>;

}  // namespace stardrop::market
