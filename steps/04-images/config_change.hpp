// Changes to an image's config, written as Dockerfile instructions: what
// `import --change` and `commit --change` take.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "04-images/image_config.hpp"

namespace slipway {

/// CMD and ENTRYPOINT (["a", "b"], or text for the shell), ENV NAME=VALUE,
/// EXPOSE 80/tcp, LABEL NAME=VALUE, USER, VOLUME, WORKDIR, STOPSIGNAL, one
/// after the other. An ENTRYPOINT takes away the CMD that was there before,
/// which was made for another one, unless one of these sets it.
///
/// Words may be in quotes, of both kinds, and \ takes away the meaning of the
/// next letter. Variables are not replaced. Throws InvalidArgument that says
/// what is wrong; `config` is then as it was.
/// Source: docker import's reference, --change; Dockerfile reference.
void apply_changes(RunConfig& config,
                   const std::vector<std::string>& instructions);

/// EXPOSE's words: "80", "53/udp", "8000-8010/tcp". As Docker it takes "80/TCP"
/// and "8080:80", of which it keeps the latter. Throws InvalidArgument.
void add_exposed_ports(std::set<std::string>& ports, const std::string& word);

}  // namespace slipway
