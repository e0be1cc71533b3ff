// slipway-nft: loads firewall rules, which it reads from its standard input, as
// `nft -f -` does. A program of its own because libnftables is there only as a
// shared library, with a dozen others behind it.
#include <nftables/libnftables.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "common/error.hpp"
#include "common/files.hpp"

using namespace slipway;

int main() try {
    constexpr std::size_t longest_rules = 1 << 20;
    std::string rules = read_all(STDIN_FILENO, longest_rules);
    std::unique_ptr<nft_ctx, void (*)(nft_ctx*)> nft(
        nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free);
    if (!nft || nft_ctx_buffer_error(nft.get()) != 0) return exit_engine_error;
    if (nft_run_cmd_from_buffer(nft.get(), rules.c_str()) == 0) return 0;
    write_all(STDERR_FILENO, nft_ctx_get_error_buffer(nft.get()));
    return exit_engine_error;
} catch (const Error& error) {
    write_all(STDERR_FILENO, error.message());
    return exit_engine_error;
}
