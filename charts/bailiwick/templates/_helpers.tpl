{{- define "bailiwick.name" -}}
{{ .root.Release.Name }}-{{ .component }}
{{- end }}

{{- define "bailiwick.selector" -}}
app.kubernetes.io/name: bailiwick
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "bailiwick.labels" -}}
{{ include "bailiwick.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "bailiwick.image" -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- end }}

{{- /* Every container, whatever it is for. */ -}}
{{- define "bailiwick.container" -}}
image: {{ include "bailiwick.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- /* Every pod: its identity, and nothing of the cluster but what is mounted on purpose. */ -}}
{{- define "bailiwick.pod" -}}
serviceAccountName: {{ include "bailiwick.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "bailiwick.secret" -}}
- name: BAILIWICK_{{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end }}

{{- define "bailiwick.database" -}}
- {name: BAILIWICK_DATABASE_HOST, value: {{ .Values.database.host | quote }}}
- {name: BAILIWICK_DATABASE_PORT, value: {{ .Values.database.port | quote }}}
- {name: BAILIWICK_DATABASE_NAME, value: {{ .Values.database.name | quote }}}
- {name: BAILIWICK_DATABASE_TLS, value: {{ .Values.database.tls | quote }}}
{{- if .Values.database.authority }}
- {name: PGSSLROOTCERT, value: /etc/bailiwick/database/ca.crt}
{{- end }}
{{- end }}

{{- define "bailiwick.publicHost" -}}
{{ (urlParse .Values.publicUrl).hostname }}
{{- end }}

{{- /* The settings of a Django process. */ -}}
{{- define "bailiwick.settings" -}}
{{- $secret := .Values.secrets.platform -}}
- {name: BAILIWICK_DEMO, value: {{ .Values.demo | quote }}}
- {name: BAILIWICK_VAR, value: /var/lib/bailiwick}
- {name: BAILIWICK_PUBLIC_URL, value: {{ .Values.publicUrl | quote }}}
- {name: BAILIWICK_ALLOWED_HOSTS, value: {{ prepend .Values.allowedHosts (include "bailiwick.publicHost" .) | join "," | quote }}}
- {name: BAILIWICK_PORT, value: "8080"}
- {name: BAILIWICK_OPA_URL, value: "http://127.0.0.1:8181"}
- {name: BAILIWICK_UV, value: /opt/bailiwick/site/bin/uv}
- {name: BAILIWICK_SANDBOX_BACKEND, value: kubernetes}
- {name: BAILIWICK_SANDBOX_NAMESPACE, value: {{ .Values.sandboxes.namespace | quote }}}
- {name: PROMETHEUS_MULTIPROC_DIR, value: /metrics}
{{ include "bailiwick.database" . }}
{{- range $name, $key := dict "SECRET_KEY" "secret-key" "MASTER_KEY" "master-key" "REDIS_URL" "redis-url" "OPA_TOKEN" "opa-token" "DATABASE_APP_PASSWORD" "database-app-password" "DATABASE_READER_PASSWORD" "database-reader-password" }}
{{ include "bailiwick.secret" (dict "name" $name "secret" $secret "key" $key) }}
{{- end }}
{{- range $name, $key := dict "METRICS_TOKEN" "metrics-token" "OIDC_CLIENT_SECRET" "oidc-client-secret" "PACKAGE_INDEX_URL" "package-index-url" }}
{{ include "bailiwick.secret" (dict "name" $name "secret" $secret "key" $key "optional" true) }}
{{- end }}
{{- range $name, $value := .Values.settings }}
- {name: BAILIWICK_{{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "bailiwick.mounts" -}}
- {name: state, mountPath: /var/lib/bailiwick}
- {name: tmp, mountPath: /tmp}
- {name: metrics, mountPath: /metrics}
{{- if .Values.database.authority }}
- {name: database, mountPath: /etc/bailiwick/database, readOnly: true}
{{- end }}
{{- end }}

{{- define "bailiwick.databaseVolume" -}}
{{- if .Values.database.authority -}}
- name: database
  configMap: {name: {{ .Values.database.authority }}}
{{- end }}
{{- end }}

{{- define "bailiwick.volumes" -}}
- name: state
  persistentVolumeClaim: {claimName: {{ .Values.storage.claim }}}
- name: tmp
  emptyDir: {sizeLimit: 2Gi}
- name: metrics
  emptyDir: {sizeLimit: 64Mi}
{{- with include "bailiwick.databaseVolume" . }}
{{ . }}
{{- end }}
{{- end }}

{{- /* Credentials for the API server, for one container and not for those beside it. */ -}}
{{- define "bailiwick.kubernetesMount" -}}
- {name: kubernetes, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end }}

{{- define "bailiwick.kubernetesVolume" -}}
- name: kubernetes
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- end }}

{{- /* Open Policy Agent, before the container that asks it and as long as that. It knows the token's digest alone. */ -}}
{{- define "bailiwick.opa" -}}
- name: opa-access
  {{- include "bailiwick.container" . | nindent 2 }}
  command: [/bin/sh, /opt/bailiwick/app/policies/access.sh, /run/opa/access.json]
  env:
    {{- include "bailiwick.secret" (dict "name" "OPA_TOKEN" "secret" .Values.secrets.platform "key" "opa-token") | nindent 4 }}
  volumeMounts:
    - {name: opa, mountPath: /run/opa}
  resources: {{- toYaml .Values.opa.resources | nindent 4 }}
- name: opa
  restartPolicy: Always
  {{- include "bailiwick.container" . | nindent 2 }}
  {{- $bundle := ternary "/etc/bailiwick/policy/bundle.tar.gz" "/opt/bailiwick/app/policies/bundle.tar.gz" (not (empty .Values.opa.bundle)) }}
  command: [/bin/sh, /opt/bailiwick/app/policies/serve.sh, "127.0.0.1:8181", {{ $bundle }}, /run/opa/access.json, ":8282"]
  ports:
    - {name: opa-health, containerPort: 8282}
  startupProbe: {{- include "bailiwick.opaProbe" . | nindent 4 }}
    periodSeconds: 1
    failureThreshold: 60
  livenessProbe: {{- include "bailiwick.opaProbe" . | nindent 4 }}
    periodSeconds: 15
  volumeMounts:
    - {name: opa, mountPath: /run/opa, readOnly: true}
    {{- with .Values.opa.bundle }}
    - {name: policy, mountPath: /etc/bailiwick/policy, readOnly: true}
    {{- end }}
  resources: {{- toYaml .Values.opa.resources | nindent 4 }}
{{- end }}

{{- define "bailiwick.opaProbe" -}}
# Questions it hears on loopback alone, where the kubelet does not reach it.
httpGet: {path: "/health?bundles", port: opa-health}
timeoutSeconds: 5
{{- end }}

{{- define "bailiwick.opaVolumes" -}}
- name: opa
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
{{- with .Values.opa.bundle }}
- name: policy
  configMap: {name: {{ . }}}
{{- end }}
{{- end }}

{{- /*
Worker and beat show signs of life in Redis, and by the age of a file, which is cheap to ask for. Only when that is old an
interpreter is started to ask Redis; while Redis is away, ending them would mend nothing.
*/ -}}
{{- define "bailiwick.signOfLife" -}}
- {name: BAILIWICK_SIGN_OF_LIFE, value: /tmp/alive}
{{- end }}

{{- define "bailiwick.aliveProbes" -}}
startupProbe:
  exec: {command: [/usr/bin/test, -e, /tmp/alive]}
  timeoutSeconds: 5
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  exec:
    command:
      - /bin/sh
      - -c
      - test "$(find "$BAILIWICK_SIGN_OF_LIFE" -mmin -0.5)" || exec python3 -m config.alive {{ . }}
  timeoutSeconds: 10
  periodSeconds: 60
  failureThreshold: 3
{{- end }}
