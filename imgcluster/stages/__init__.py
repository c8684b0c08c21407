"""The stages of the way from a folder to its clusters, each kept on disk under a fingerprint of what went in.

    collection -> extraction -> space -> series of clusterings -> k scan, silhouettes
                                    \\-> tree, clustering by any method
                                    \\-> map

Nothing is computed twice: not after a crash, and not when the app is started again.
"""
