#include "03-cgroups/limits.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cmath>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(const std::string& message,
                         const std::string& advice) {
    throw Error(ErrorKind::InvalidArgument, message).advise(advice);
}

}  // namespace

//@ begin parse-cpus
std::uint64_t parse_cpus(std::string_view text, unsigned available) {
    constexpr double period_us = 100'000;
    std::optional<double> cpus = parse_decimal(text);
    if (!cpus || *cpus < 0.01 || *cpus > available)
        refuse(cat("--cpus ", quote(text), " is no number from 0.01 to ",
                   available),
               cat("this machine has ", available,
                   " processors; 0.5 is half of one"));
    return static_cast<std::uint64_t>(std::llround(*cpus * period_us));
}
//@ end parse-cpus

std::string parse_cpu_list(std::string_view text) {
    for (const std::string& part : split(text, ',')) {
        std::vector<std::string> ends = split(part, '-');
        auto first = parse_unsigned(ends[0], UINT16_MAX);
        auto last = parse_unsigned(ends.back(), UINT16_MAX);
        if (ends.size() > 2 || !first || !last || *first > *last)
            refuse(cat("list of processors ", quote(text)),
                   "write numbers and ranges: 0-2,5");
    }
    return std::string(text);
}

IoRate parse_io_rate(IoRate::Kind kind, const std::string& text) {
    std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0)
        refuse(cat("disk rate ", quote(text)),
               "write DEVICE:RATE, as in /dev/sda:1mb");
    std::string path = text.substr(0, colon);
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0)
        throw_errno(errno, cat("disk rate: ", path));
    if (!S_ISBLK(info.st_mode))
        refuse(cat("disk rate: ", path, " is no block device"),
               "lsblk lists them");
    bool bytes =
        kind == IoRate::Kind::ReadBytes || kind == IoRate::Kind::WriteBytes;
    std::string rate = text.substr(colon + 1);
    auto operations = parse_unsigned(rate, UINT64_MAX);
    if (!bytes && !operations)
        refuse(cat("disk rate ", quote(text)), "operations are a whole number");
    return {kind, ::major(info.st_rdev), ::minor(info.st_rdev),
            bytes ? parse_size(rate) : *operations};
}

//@ begin check-limits
void check_limits(const CgroupLimits& limits) {
    if (limits.memory_swap && !limits.memory)
        refuse("--memory-swap without --memory",
               "it is memory and swap together: give both");
    if (limits.memory_swap && *limits.memory_swap >= 0 &&
        static_cast<std::uint64_t>(*limits.memory_swap) < *limits.memory)
        refuse("--memory-swap is smaller than --memory",
               "it is memory and swap together; -1 means no limit on swap");
    if (limits.memory_reservation && limits.memory &&
        *limits.memory_reservation > *limits.memory)
        refuse("--memory-reservation is larger than --memory",
               "it is the part that is kept for the group when memory is rare");
}
//@ end check-limits

}  // namespace slipway
