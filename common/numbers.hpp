// Numbers that people type, read strictly: the whole text must be one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

/// Decimal digits only: no sign, no blanks, no "0x", nothing behind. Empty for
/// anything else and for values above `largest`.
std::optional<std::uint64_t> parse_unsigned(std::string_view text,
                                            std::uint64_t largest);

/// Bytes from "1073741824", "512m", "1.5g", "64 KiB". Units are powers of
/// 1024, letters of either case: b k m g t p, with optional "ib" or "b", as
/// Docker reads them. Fractions are rounded down. Throws InvalidArgument that
/// says what is wrong with the text.
std::uint64_t parse_size(std::string_view text);

/// For people, in the largest fitting unit: "512 B", "3.2 MiB", "1 GiB".
std::string format_size(std::uint64_t bytes);

/// The same in powers of 1000 and with `digits` that count, as Docker has its
/// SIZE columns: "1.98MB", "0B" (go-units, HumanSizeWithPrecision).
std::string decimal_size(double bytes, int digits = 4);
/// In powers of 1024, as Docker has memory: "316KiB", "23.54GiB".
std::string binary_size(double bytes);

/// "0.5", "2": digits, with at most one point between them. Empty for anything
/// else: no sign, no exponent, no "inf".
std::optional<double> parse_decimal(std::string_view text);

}  // namespace slipway
