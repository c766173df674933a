// Network namespaces, whose calls Glibc's Swift module lacks.
#ifndef TORII_NETWORK_NAMESPACES_H
#define TORII_NETWORK_NAMESPACES_H

/// Whether this process may make a network namespace and enter it; tries it.
int torii_may_use_network_namespaces(void);

/// socket(2) in the namespace at `path`, where the socket stays; -1 with errno when that is not possible.
int torii_socket_in_namespace(const char *path, int family, int type);

#endif
