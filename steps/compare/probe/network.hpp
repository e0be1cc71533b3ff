// Connections that give up after two seconds.
#pragma once

namespace probe {

/// To an abstract Unix socket; the descriptor, or -1 and errno.
int connect_abstract(const char* name);

/// To an IPv4 address; the same.
int connect_tcp(const char* address, long port);

}  // namespace probe
